//! What may go into the fields of a deal or a person, and what it is refused with.

use serde_json::{Value, json};

use super::account::Field;

/// More fields than so many in one entity are refused.
const MOST_FIELDS: usize = 40;
/// Characters of a text.
const LONGEST_TEXT: usize = 256;

/// What is wrong with one entity of a request.
#[derive(Debug, Default)]
pub(super) struct Errors(pub(super) Vec<Value>);

impl Errors {
    pub(super) fn add(&mut self, path: impl Into<String>, code: &str, detail: &str) {
        let path: String = path.into();
        self.0.push(json!({ "code": code, "path": path, "detail": detail }));
    }

    pub(super) fn no_choice(&mut self, path: impl Into<String>) {
        self.add(path, "NotSupportedChoice", "The value you selected is not a valid choice.");
    }

    pub(super) fn missing(&mut self, path: impl Into<String>) {
        self.add(path, "FieldMissing", "This field is missing.");
    }

    pub(super) fn of_type(&mut self, path: impl Into<String>, wanted: &str) {
        self.add(path, "InvalidType", &format!("This value should be of type {wanted}."));
    }

    /// Keys that an entity has not.
    pub(super) fn unexpected(&mut self, entity: &Value, at: &str, known: &[&str]) {
        for key in entity.as_object().into_iter().flatten().map(|(key, _)| key) {
            if !known.contains(&key.as_str()) {
                self.add(format!("{at}{key}"), "NotExpected", "This field was not expected.");
            }
        }
    }
}

/// The values of one field, as they are kept.
pub(super) type Values = Vec<Value>;

/// Reads `custom_fields_values`; `at` is the path to it.
pub(super) fn read(given: &Value, at: &str, known: &[Field], errors: &mut Errors) -> Vec<(i64, Values)> {
    let mut read = Vec::new();
    if given.is_null() {
        return read;
    }
    let Some(given) = given.as_array() else {
        errors.of_type(at, "array");
        return read;
    };
    if given.len() > MOST_FIELDS {
        errors.add(at, "TooMany", "This collection should contain 40 elements or less.");
    }
    for (nth, one) in given.iter().enumerate() {
        let at = format!("{at}.{nth}");
        let (by, found) = match (one.get("field_id"), one.get("field_code")) {
            (Some(id), _) if !id.is_null() => ("field_id", known.iter().find(|f| id.as_i64() == Some(f.id))),
            (_, Some(code)) => {
                let of_code = |field: &&Field| !field.code.is_empty() && code.as_str() == Some(field.code);
                ("field_code", known.iter().find(of_code))
            }
            _ => {
                errors.missing(format!("{at}.field_id"));
                continue;
            }
        };
        let Some(field) = found.filter(|field| !field.computed) else {
            errors.no_choice(format!("{at}.{by}"));
            continue;
        };
        errors.unexpected(one, &format!("{at}."), &["field_id", "field_code", "values"]);
        let Some(values) = one.get("values").and_then(Value::as_array).filter(|values| !values.is_empty())
        else {
            errors.missing(format!("{at}.values"));
            continue;
        };
        let may_be_many = matches!(field.kind, "multiselect" | "multitext");
        if values.len() > 1 && !may_be_many {
            errors.add(format!("{at}.values"), "TooMany", "This collection should contain 1 element.");
        }
        let each = values.iter().enumerate();
        let kept =
            each.filter_map(|(nth, value)| one_value(value, &format!("{at}.values.{nth}"), field, errors));
        read.push((field.id, kept.collect()));
    }
    read
}

fn one_value(given: &Value, at: &str, field: &Field, errors: &mut Errors) -> Option<Value> {
    errors.unexpected(given, &format!("{at}."), &["value", "enum_id", "enum_code"]);
    let value = given.get("value").unwrap_or(&Value::Null);
    let path = format!("{at}.value");
    let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let fits = match field.kind {
        "select" | "multiselect" | "radiobutton" => return choice(given, at, field, errors),
        "multitext" => return labelled(given, at, field, errors),
        "numeric" | "monetary" => value.is_number() || value.as_str().is_some_and(is_number),
        "checkbox" => value.is_boolean(),
        "date" | "birthday" | "date_time" => value.is_i64() || value.as_str().is_some_and(is_moment),
        "text" if value.as_str().is_some_and(|text| text.chars().count() > LONGEST_TEXT) => {
            errors.add(path, "TooLong", "This value is too long. It should have 256 characters or less.");
            return None;
        }
        "text" | "textarea" | "tracking_data" | "streetaddress" | "url" => value.is_string(),
        _ => {
            errors.no_choice(path);
            return None;
        }
    };
    if !fits {
        errors.of_type(path, field.kind);
        return None;
    }
    Some(json!({ "value": value }))
}

/// `2026-11-28T12:00:00+00:00`
fn is_moment(text: &str) -> bool {
    let date = text.get(..10).unwrap_or("").split('-').map(str::len);
    date.eq([4, 2, 2]) && text.get(10..11) == Some("T") && text.len() >= 20
}

/// By its id or by its text.
fn choice(given: &Value, at: &str, field: &Field, errors: &mut Errors) -> Option<Value> {
    let (id, text) =
        (given.get("enum_id").and_then(Value::as_i64), given.get("value").and_then(Value::as_str));
    let found = match (id, text) {
        (Some(id), _) => field.enums.iter().find(|(known, _)| *known == id),
        (None, text) => field.enums.iter().find(|(_, known)| text == Some(known)),
    };
    let Some((id, text)) = found else {
        errors.no_choice(format!("{at}.{}", if id.is_some() { "enum_id" } else { "value" }));
        return None;
    };
    Some(json!({ "value": text, "enum_id": id, "enum_code": null }))
}

/// A telephone or an address, with what it is for.
fn labelled(given: &Value, at: &str, field: &Field, errors: &mut Errors) -> Option<Value> {
    let first = field.enums.first().map_or("", |(_, code)| *code);
    let code = given.get("enum_code").and_then(Value::as_str).unwrap_or(first);
    let Some((id, code)) = field.enums.iter().find(|(_, known)| *known == code) else {
        errors.no_choice(format!("{at}.enum_code"));
        return None;
    };
    let Some(value) = given.get("value").and_then(Value::as_str) else {
        errors.of_type(format!("{at}.value"), "string");
        return None;
    };
    Some(json!({ "value": value, "enum_id": id, "enum_code": code }))
}
