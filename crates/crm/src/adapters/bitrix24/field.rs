//! Fields as `crm.item.fields` describes them.

use serde_json::Value;

/// Fields of one kind that are read; Bitrix24 itself has fewer.
const MOST: usize = 2_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<Field>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// As it is sent: `sourceId`, `ufCrm_1700000001`
    pub(super) id: String,
    /// Its old name: `SOURCE_ID`, `UF_CRM_1700000001`
    pub(super) upper: String,
    /// For people, in the portal's language.
    pub(super) title: String,
    /// `string`, `double`, `enumeration`, …
    pub(super) kind: String,
    pub(super) multiple: bool,
    pub(super) required: bool,
    pub(super) read_only: bool,
    /// It can be filled once.
    pub(super) immutable: bool,
    /// Of a `crm_status`: which directory has its choices.
    pub(super) directory: String,
    /// Of an enumeration: id and text of its choices.
    pub(super) choices: Vec<(String, String)>,
}

impl Fields {
    /// `{"fields": {"title": {…}}}`; an empty map is written as a list.
    pub(super) fn read(result: &Value) -> Self {
        let all = result.get("fields").and_then(Value::as_object);
        Self(all.into_iter().flatten().take(MOST).map(|(id, value)| Field::read(id, value)).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// By its id or its old name.
    pub(super) fn named(&self, name: &str) -> Option<&Field> {
        let by_id = self.0.iter().find(|field| field.id == name);
        by_id.or_else(|| self.0.iter().find(|field| !name.is_empty() && field.upper == name))
    }

    /// The field for what another kind of things has in `name`: the same one, or, of those that people made, the one that
    /// is called the same. So Bitrix24 itself carries them over when a lead becomes a deal.
    pub(super) fn like(&self, name: &str, other: &Self) -> Option<&Field> {
        self.named(name).or_else(|| {
            let title = &other.named(name).filter(|field| field.is_own())?.title;
            self.0.iter().find(|field| field.is_own() && field.title == *title)
        })
    }
}

impl Field {
    fn read(id: &str, value: &Value) -> Self {
        let part = |name: &str| value.get(name).map(text).unwrap_or_default();
        let choices = value.get("items").and_then(Value::as_array).into_iter().flatten();
        let choice = |item: &Value| Some((text(item.get("ID")?), text(item.get("VALUE")?)));
        Self {
            id: id.to_owned(),
            upper: part("upperName"),
            title: part("title"),
            kind: part("type"),
            multiple: flag(value, "isMultiple"),
            required: flag(value, "isRequired"),
            read_only: flag(value, "isReadOnly"),
            immutable: flag(value, "isImmutable"),
            directory: part("statusType"),
            choices: choices.filter_map(choice).collect(),
        }
    }

    /// People of the account made it.
    fn is_own(&self) -> bool {
        self.id.starts_with("ufCrm")
    }
}

/// `true`, or `"Y"` as elsewhere in the API.
fn flag(value: &Value, name: &str) -> bool {
    matches!(value.get(name), Some(Value::Bool(true))) || value.get(name).is_some_and(|value| value == "Y")
}

/// A text, or a number as one; empty of anything else.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(all: &Value) -> Fields {
        Fields::read(&json!({ "fields": all }))
    }

    #[test]
    fn an_empty_map_is_a_list_and_a_strange_field_is_read_as_far_as_it_goes() {
        assert_eq!(fields(&json!([])).iter().count(), 0);
        let strange = fields(
            &json!({ "a": [], "b": null, "c": { "items": { "x": 1 }, "isMultiple": "Y", "type": 7 } }),
        );
        let c = strange.named("c").unwrap();
        assert_eq!((c.kind.as_str(), c.multiple, c.choices.len()), ("7", true, 0));
        assert_eq!(strange.iter().count(), 3);
    }

    #[test]
    fn a_field_is_found_by_both_of_its_names_and_by_its_title_on_another_kind() {
        let leads = fields(&json!({
            "ufCrm_1": { "type": "double", "title": "Budget", "upperName": "UF_CRM_1" },
            "comments": { "type": "text", "title": "Comment", "upperName": "COMMENTS" },
        }));
        let deals = fields(&json!({
            "ufCrm_9": { "type": "double", "title": "Budget", "upperName": "UF_CRM_9" },
            "note": { "type": "text", "title": "Comment" },
        }));
        assert_eq!(leads.named("UF_CRM_1"), leads.named("ufCrm_1"));
        assert_eq!(deals.like("ufCrm_1", &leads).unwrap().id, "ufCrm_9");
        assert_eq!(deals.like("UF_CRM_1", &leads).unwrap().id, "ufCrm_9");
        assert_eq!(deals.like("comments", &leads), None, "what Bitrix24 made is not told by its title");
        assert_eq!(leads.named(""), None);
    }
}
