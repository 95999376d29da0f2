//! What goes into one field, in the form that its kind takes.

use serde_json::{Value, json};

use super::catalogue::Known;
use crate::domain::schema::FieldKind;

/// Characters of a field of one line; what is longer is refused, and stands whole in the note.
const LONGEST_TEXT: usize = 256;

/// What is wrong, as amoCRM would name it, and what a person is told.
pub(super) type Wrong = (&'static str, String);

pub(super) fn of(field: &Known, text: &str) -> Result<Vec<Value>, Wrong> {
    let value = match field.takes() {
        FieldKind::Text if field.kind == "multitext" => return Ok(vec![labelled(field, text)]),
        FieldKind::Text if field.kind == "text" => json!(text.chars().take(LONGEST_TEXT).collect::<String>()),
        FieldKind::Text | FieldKind::Link => json!(text),
        FieldKind::Number if text.parse().is_ok_and(f64::is_finite) => json!(text),
        FieldKind::Number => return Err(("NotANumber", format!("{text:?} is no number"))),
        FieldKind::Flag => match text {
            "true" => json!(true),
            "false" => json!(false),
            _ => return Err(("NotAFlag", format!("{text:?} is neither true nor false"))),
        },
        // Noon of the day in UTC is on that day wherever the account is.
        FieldKind::Date if is_date(text) => json!(format!("{text}T12:00:00+00:00")),
        FieldKind::Date => return Err(("NotADate", format!("{text:?} is no date; write 2026-11-28"))),
        FieldKind::Choice => return Ok(vec![chosen(field, text)?]),
        FieldKind::Choices => return choices(field, text),
        FieldKind::Other => {
            return Err(("CanNotBeFilled", format!("{}: nothing can be put into this field", field.name)));
        }
    };
    Ok(vec![json!({ "value": value })])
}

/// A choice by its text, however it is capitalised.
fn chosen(field: &Known, text: &str) -> Result<Value, Wrong> {
    let wanted = text.trim().to_lowercase();
    let found = field.choices.iter().find(|(_, known)| known.trim().to_lowercase() == wanted);
    found.map(|(id, _)| json!({ "enum_id": id })).ok_or_else(|| {
        let known: Vec<&str> = field.choices.iter().take(20).map(|(_, text)| text.as_str()).collect();
        ("NotSupportedChoice", format!("{text:?} is no choice of {}: {}", field.name, known.join(", ")))
    })
}

/// One choice, or several with commas between them.
fn choices(field: &Known, text: &str) -> Result<Vec<Value>, Wrong> {
    if let Ok(one) = chosen(field, text) {
        return Ok(vec![one]);
    }
    text.split(',').map(|one| chosen(field, one.trim())).collect()
}

/// What a contact's telephone or address is for: anything.
fn labelled(field: &Known, text: &str) -> Value {
    let other = field.choices.iter().find(|(_, code)| code == "OTHER").or_else(|| field.choices.first());
    match other {
        Some((_, code)) => json!({ "value": text, "enum_code": code }),
        None => json!({ "value": text }),
    }
}

fn is_date(text: &str) -> bool {
    let is_number = |part: &str, most: u32| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n))
    };
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2)
        && is_number(year, 9999) && is_number(month, 12) && is_number(day, 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: &str, choices: &[&str]) -> Known {
        let choices = (1..).zip(choices.iter().map(|text| (*text).to_owned())).collect();
        Known { kind: kind.to_owned(), choices, ..Known::default() }
    }

    fn put(kind: &str, text: &str) -> Result<Value, &'static str> {
        of(&field(kind, &["Hot", "Cold, wet"]), text).map(Value::from).map_err(|(code, _)| code)
    }

    #[test]
    fn each_kind_of_field_gets_its_form() {
        assert_eq!(put("textarea", "a\nb"), Ok(json!([{ "value": "a\nb" }])));
        assert_eq!(put("numeric", "12.5"), Ok(json!([{ "value": "12.5" }])));
        assert_eq!(put("checkbox", "true"), Ok(json!([{ "value": true }])));
        assert_eq!(put("date", "2026-11-28"), Ok(json!([{ "value": "2026-11-28T12:00:00+00:00" }])));
        assert_eq!(put("select", " hot"), Ok(json!([{ "enum_id": 1 }])));
        assert_eq!(put("multiselect", "Cold, wet"), Ok(json!([{ "enum_id": 2 }])));
        assert_eq!(put("url", "https://a.example"), Ok(json!([{ "value": "https://a.example" }])));
        let several = of(&field("multiselect", &["a", "b"]), "b, A").unwrap();
        assert_eq!(several, [json!({ "enum_id": 2 }), json!({ "enum_id": 1 })]);
        let phone = of(&field("multitext", &["WORK", "OTHER"]), "+7").unwrap();
        assert_eq!(phone, [json!({ "value": "+7", "enum_code": "OTHER" })]);
    }

    #[test]
    fn what_does_not_fit_is_told_before_anything_is_sent() {
        assert_eq!(put("numeric", "5-7k"), Err("NotANumber"));
        assert_eq!(put("numeric", "inf"), Err("NotANumber"));
        assert_eq!(put("checkbox", "yes"), Err("NotAFlag"));
        for day in ["28.11.2026", "2026-13-01", "2026-11", "+026-11-28", "2026-11-28T00:00"] {
            assert_eq!(put("date", day), Err("NotADate"), "{day}");
        }
        assert_eq!(put("select", "warm"), Err("NotSupportedChoice"));
        assert_eq!(put("file", "a.pdf"), Err("CanNotBeFilled"));
        assert_eq!(put("something_new", "x"), Err("CanNotBeFilled"));
    }

    #[test]
    fn a_long_answer_is_cut_where_the_field_has_one_line() {
        let long = "я".repeat(300);
        let cut = of(&field("text", &[]), &long).unwrap();
        assert_eq!(cut[0]["value"].as_str().unwrap().chars().count(), 256);
        assert_eq!(of(&field("textarea", &[]), &long).unwrap()[0]["value"], long.as_str());
    }
}
