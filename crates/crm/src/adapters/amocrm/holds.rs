//! What stands in the fields of a deal.

use serde_json::Value;

use super::super::Trouble;
use super::super::same::is_same;
use super::catalogue::{Catalogue, Known};
use super::line::Line;
use super::value;
use crate::domain::deal::Filled;

/// Which of these fields hold what is given for them. A value that does not fit its field is in no field.
pub(super) async fn each(
    line: &Line,
    id: i64,
    known: &Catalogue,
    fields: &[Filled],
) -> Result<Vec<bool>, Trouble> {
    let deal = line.one(&format!("leads/{id}"), &[]).await?.unwrap_or_default();
    let holds = |filled: &Filled| {
        let field = known.deal.iter().find(|field| field.is(&filled.theirs));
        field.is_some_and(|field| holds(&deal, field, filled.value.expose()))
    };
    Ok(fields.iter().map(holds).collect())
}

fn holds(deal: &Value, field: &Known, text: &str) -> bool {
    let Ok(sent) = value::of(field, text) else { return false };
    let entries = deal.get("custom_fields_values").and_then(Value::as_array);
    let is_it = |entry: &&Value| entry.get("field_id").and_then(Value::as_i64) == Some(field.id);
    let entry = entries.into_iter().flatten().find(is_it);
    let there = entry.and_then(|entry| entry.get("values")?.as_array()).map_or(&[][..], Vec::as_slice);
    let same = |(there, sent): (&Value, &Value)| {
        // A choice is known by its number.
        let key =
            if sent.get("enum_id").is_some() && sent.get("value").is_none() { "enum_id" } else { "value" };
        there.get(key).zip(sent.get(key)).is_some_and(|(there, sent)| is_same(there, sent))
    };
    there.len() == sent.len() && there.iter().zip(&sent).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_choice_is_known_by_its_number_and_a_figure_by_what_it_is() {
        let known = |id, kind: &str, choices: &[(i64, &str)]| Known {
            id,
            kind: kind.to_owned(),
            choices: choices.iter().map(|(id, text)| (*id, (*text).to_owned())).collect(),
            ..Known::default()
        };
        let deal = json!({ "custom_fields_values": [
            { "field_id": 901, "values": [{ "value": "Warm", "enum_id": 9_012 }] },
            { "field_id": 902, "values": [{ "value": "50" }] },
            "hostile", { "field_id": "903", "values": 7 },
        ] });
        let temperature = known(901, "select", &[(9_011, "hot"), (9_012, "warm")]);
        assert!(holds(&deal, &temperature, "warm") && !holds(&deal, &temperature, "hot"));
        assert!(!holds(&deal, &temperature, "tepid"), "no choice of it");
        let score = known(902, "numeric", &[]);
        assert!(holds(&deal, &score, "50") && !holds(&deal, &score, "51") && !holds(&deal, &score, "x"));
        assert!(!holds(&deal, &known(903, "text", &[]), "7") && !holds(&json!(null), &score, "50"));
    }
}
