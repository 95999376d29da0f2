//! What may go into a field, and what becomes of it there.

use serde_json::{Value, json};

use super::account::{CURRENCIES, DIRECTORIES, Field};
use super::item::{Kind, Multi, text, whole};
use super::problem::Problem;
use super::state::State;

/// The value as the field keeps it.
pub(super) fn kept(state: &State, kind: Kind, field: &Field, value: &Value) -> Result<Value, Problem> {
    if !field.multiple {
        return one(state, kind, field, value);
    }
    let Some(all) = value.as_array() else {
        let got = if value.is_string() { "string" } else { "int" };
        let said = format!("Expected iterable value for multiple field, but got {got} instead");
        return Err(Problem::new(400, "100", &said));
    };
    all.iter().map(|value| one(state, kind, field, value)).collect()
}

fn one(state: &State, kind: Kind, field: &Field, value: &Value) -> Result<Value, Problem> {
    let wrong = || Problem::value(&field.title);
    if value.is_null() || value.as_str() == Some("") {
        return Ok(Value::Null);
    }
    match field.kind {
        "double" => {
            let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
            number.map(|number| json!(number)).ok_or_else(wrong)
        }
        "integer" => whole(value).map(|number| json!(number)).ok_or_else(wrong),
        // Whatever it does not know is a no.
        "boolean" => Ok(json!(if [json!("Y"), json!(true), json!(1)].contains(value) { "Y" } else { "N" })),
        "date" | "datetime" => {
            let date = value.as_str().filter(|date| is_date(date)).ok_or_else(wrong)?;
            Ok(json!(format!("{}T00:00:00+03:00", &date[..10])))
        }
        "enumeration" => {
            let id = whole(value).filter(|id| field.items.iter().any(|item| item.0 == *id));
            id.map(|id| json!(id)).ok_or_else(wrong)
        }
        "crm_status" => {
            let mut entries = DIRECTORIES.iter().filter(|entry| match kind {
                // Which pipeline it is stands in the stage.
                Kind::Deal if field.directory == "DEAL_STAGE" => entry.0.starts_with("DEAL_STAGE"),
                _ => entry.0 == field.directory,
            });
            let id = entries.find(|entry| Some(entry.1) == value.as_str()).map(|entry| entry.1);
            id.map(|id| json!(id)).ok_or_else(wrong)
        }
        "user" => {
            let id = whole(value).filter(|id| state.users().iter().any(|user| user.0 == *id));
            id.map(|id| json!(id)).ok_or_else(wrong)
        }
        "crm_contact" => {
            let id = whole(value).filter(|id| state.item(Kind::Contact, *id).is_some());
            id.map(|id| json!(id)).ok_or_else(wrong)
        }
        "crm_lead" | "crm_category" => whole(value).map(|number| json!(number)).ok_or_else(wrong),
        "crm_currency" => {
            let known = value.as_str().is_some_and(|code| CURRENCIES.contains(&code));
            if known { Ok(value.clone()) } else { Err(wrong()) }
        }
        "file" => Err(wrong()),
        _ => Ok(json!(text(value))),
    }
}

fn is_date(date: &str) -> bool {
    let number = |range| date.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let dashes = date.get(4..5) == Some("-") && date.get(7..8) == Some("-");
    dashes
        && year.is_some()
        && month.is_some_and(|m| (1..=12).contains(&m))
        && day.is_some_and(|d| (1..=31).contains(&d))
}

/// `fm`: of what it does not know nothing is kept.
pub(super) fn multi(state: &mut State, value: &Value) -> Result<Vec<Multi>, Problem> {
    let mut kept = Vec::new();
    for given in value.as_array().into_iter().flatten() {
        let part = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or("").trim().to_owned();
        let (of, kind, value) = (part("typeId"), part("valueType"), part("value"));
        let kinds: &[&str] = match of.as_str() {
            "PHONE" => &["WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"],
            "EMAIL" => &["WORK", "HOME", "MAILING", "OTHER"],
            "IM" => &["TELEGRAM", "VK", "VIBER", "OTHER"],
            "WEB" => &["WORK", "HOME", "OTHER"],
            _ => &[],
        };
        if !kinds.contains(&kind.as_str()) || value.is_empty() {
            continue;
        }
        if of == "EMAIL"
            && !value.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        {
            return Err(Problem::value("E-mail"));
        }
        kept.push(Multi { id: state.next("multi"), of, kind, value });
    }
    Ok(kept)
}

/// As numbers are compared: digits, and Russia's eight for its seven.
pub(super) fn phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('8') {
        Some(rest) if digits.len() == 11 => format!("7{rest}"),
        _ => digits,
    }
}
