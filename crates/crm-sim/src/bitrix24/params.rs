//! Parameters as PHP reads them: `fields[fm][0][value]=…`

use serde_json::{Map, Value};

use super::item::text;
use crate::post::decoded;

pub(super) fn nested(query: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decoded(key);
        let path: Vec<&str> = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
        put(&mut root, &path, decoded(value));
    }
    lists(root)
}

fn put(at: &mut Value, path: &[&str], value: String) {
    let [first, rest @ ..] = path else {
        *at = Value::String(value);
        return;
    };
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    if let Some(map) = at.as_object_mut() {
        let key = if first.is_empty() { map.len().to_string() } else { (*first).to_owned() };
        put(map.entry(key).or_insert(Value::Null), rest, value);
    }
}

/// What is numbered from nought is a list.
fn lists(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let numbered = !map.is_empty() && (0..map.len()).all(|nth| map.contains_key(&nth.to_string()));
    if !numbered {
        return map.into_iter().map(|(key, value)| (key, lists(value))).collect();
    }
    (0..map.len()).filter_map(|nth| map.get(&nth.to_string()).cloned()).map(lists).collect()
}

/// Puts what earlier calls of a batch gave in the place of `$result[call][item][id]`.
pub(super) fn linked(params: Value, results: &Map<String, Value>) -> Value {
    match params {
        Value::String(text) => Value::String(filled(&text, results)),
        Value::Array(all) => all.into_iter().map(|one| linked(one, results)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, one)| (key, linked(one, results))).collect(),
        other => other,
    }
}

fn filled(said: &str, results: &Map<String, Value>) -> String {
    let Some((before, mut rest)) = said.split_once("$result") else { return said.to_owned() };
    let mut at: Option<&Value> = None;
    let mut depth = 0;
    while let Some((part, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        at = match (depth, at) {
            (0, _) => results.get(part),
            (_, Some(Value::Array(all))) => part.parse().ok().and_then(|nth: usize| all.get(nth)),
            (_, found) => found.and_then(|found| found.get(part)),
        };
        (depth, rest) = (depth + 1, after);
    }
    format!("{before}{}{}", text(at.unwrap_or(&Value::Null)), filled(rest, results))
}
