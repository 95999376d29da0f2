//! `filter`, `order`, `select` and `start` of lists.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::account::Field;
use super::item::{Item, text, whole};
use super::problem::Problem;
use super::state::param;

/// Entries of a page, of every list.
pub(super) const PAGE: usize = 50;

const SIGNS: &[&str] = &["!@", ">=", "<=", "!=", "!%", "=%", "%=", "@", "=", "!", "%", ">", "<"];

/// Whether an item is one of those that are asked for.
pub(super) fn matches(item: &Item, fields: &[Field], filter: &Value) -> Result<bool, Problem> {
    let conditions: Vec<(String, &Value)> = match filter {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(all) => all.iter().enumerate().map(|(nth, value)| (nth.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let any = param(filter, "logic").as_str() == Some("OR");
    let mut results = Vec::new();
    for (key, wanted) in conditions.iter().filter(|(key, _)| key != "logic") {
        let nested = key.parse::<usize>().is_ok();
        results.push(if nested { matches(item, fields, wanted)? } else { one(item, fields, key, wanted)? });
    }
    Ok(if any { results.iter().any(|fits| *fits) } else { results.iter().all(|fits| *fits) })
}

fn one(item: &Item, fields: &[Field], key: &str, wanted: &Value) -> Result<bool, Problem> {
    let sign = SIGNS.iter().find(|sign| key.starts_with(**sign)).copied().unwrap_or("");
    let name = key.get(sign.len()..).unwrap_or_default();
    let known = fields.iter().any(|field| field.id == name && field.kind != "crm_multifield");
    if !known {
        let said = format!("Invalid filter: field '{name}' is not allowed in filter");
        return Err(Problem::argument(&said));
    }
    let value = item.get(name);
    let wanted: Vec<String> = match wanted {
        Value::Array(all) => all.iter().map(text).collect(),
        other => vec![text(other)],
    };
    let values: Vec<String> = match value {
        Value::Array(all) => all.iter().map(text).collect(),
        other => vec![text(other)],
    };
    let among = || values.iter().any(|value| wanted.iter().any(|wanted| compared(value, wanted).is_eq()));
    let holds = |part: &str| values.iter().any(|value| value.to_lowercase().contains(&part.to_lowercase()));
    let first = wanted.first().map(String::as_str).unwrap_or_default();
    let against = compared(values.first().map(String::as_str).unwrap_or_default(), first);
    Ok(match sign {
        "" | "=" | "@" => among(),
        "!" | "!=" | "!@" => !among(),
        ">=" => against.is_ge(),
        ">" => against.is_gt(),
        "<=" => against.is_le(),
        "<" => against.is_lt(),
        "!%" => !holds(first),
        _ => holds(first.trim_matches('%')),
    })
}

/// Numbers as numbers, moments as moments, everything else as text.
fn compared(one: &str, other: &str) -> Ordering {
    if let (Ok(one), Ok(other)) = (one.parse::<ids::Timestamp>(), other.parse::<ids::Timestamp>()) {
        return one.cmp(&other);
    }
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.total_cmp(&other),
        _ => one.cmp(other),
    }
}

/// Puts items into the order that is asked for; the oldest first where none is.
pub(super) fn sort(items: &mut [&Item], fields: &[Field], order: &Value) -> Result<(), Problem> {
    let empty = Map::new();
    for (name, way) in order.as_object().unwrap_or(&empty) {
        if !fields.iter().any(|field| field.id == *name) {
            let said = format!("Invalid order: field '{name}' is not allowed in order");
            return Err(Problem::argument(&said));
        }
        let way = way.as_str().unwrap_or_default().to_uppercase();
        if !["ASC", "DESC"].contains(&way.as_str()) {
            let said = format!(
                "Invalid order: allowed sort directions are `ASC, DESC`. But got '{way}' for field '{name}'"
            );
            return Err(Problem::argument(&said));
        }
        items.sort_by(|one, other| {
            let against = compared(&one.text(name), &other.text(name));
            if way == "DESC" { against.reverse() } else { against }
        });
    }
    Ok(())
}

/// A page, and where the next begins.
pub(super) fn page<T: Clone>(all: &[T], params: &Value) -> (Vec<T>, Option<i64>) {
    let start = whole(param(params, "start")).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
    let page: Vec<T> = all.iter().skip(start).take(PAGE).cloned().collect();
    let next = start + page.len();
    (page, i64::try_from(next).ok().filter(|_| next < all.len()))
}

pub(super) fn names(select: &Value) -> Vec<String> {
    select.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
