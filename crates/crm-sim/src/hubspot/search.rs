//! Searches: they see what the index has, which is a while behind.

use serde_json::{Value, json};

use super::Kind;
use super::answer::{Answer, Outcome};
use super::objects::names;
use super::world::{Properties, World};

/// A page has at most so many.
const PAGE: u64 = 200;
/// No search leads further.
const DEEPEST: u64 = 10_000;

pub(super) fn search(world: &mut World, kind: Kind, body: &Value) -> Outcome {
    world.index();
    let groups = body["filterGroups"].as_array().cloned().unwrap_or_default();
    let sizes: Vec<usize> = groups.iter().map(|group| filters(group).len()).collect();
    if groups.len() > 5 || sizes.iter().any(|size| *size > 6) || sizes.iter().sum::<usize>() > 18 {
        return Err(Answer::wrong("There was a problem with the request. (too many filters)"));
    }
    let unknown = groups.iter().flat_map(filters).find_map(|filter| {
        let name = filter["propertyName"].as_str().unwrap_or("");
        world.property(kind, name).is_none().then(|| name.to_owned())
    });
    if let Some(name) = unknown {
        let message = format!("There was a problem with the request. Property {name} does not exist.");
        return Err(Answer::wrong(&message));
    }
    let limit = body["limit"].as_u64().unwrap_or(10);
    let after = match &body["after"] {
        Value::String(after) => after.parse().unwrap_or(0),
        other => other.as_u64().unwrap_or(0),
    };
    if limit > PAGE || after + limit > DEEPEST {
        return Err(Answer::wrong("There was a problem with the request. (limit)"));
    }
    let mut found = Vec::new();
    for ((of, id), object) in &world.objects {
        let Some(indexed) = object.indexed.as_ref().filter(|_| *of == kind) else { continue };
        let mut fits = groups.is_empty();
        for group in &groups {
            let mut all = true;
            for filter in filters(group) {
                all &= fit(indexed, filter)?;
            }
            fits |= all;
        }
        if fits {
            found.push(*id);
        }
    }
    let asked = names(&body["properties"]);
    let (total, from) = (found.len() as u64, after as usize);
    let page: Vec<Value> = found
        .iter()
        .skip(from)
        .take(limit as usize)
        .map(|id| {
            // The values of the index, not those of now.
            let mut shown = world.shown(kind, *id, &asked);
            let indexed = world.get(kind, *id).and_then(|object| object.indexed.as_ref());
            for (name, value) in shown["properties"].as_object_mut().into_iter().flatten() {
                *value = indexed.and_then(|has| has.get(name)).map_or(Value::Null, |has| json!(has));
            }
            shown
        })
        .collect();
    let mut answer = json!({ "total": total, "results": page });
    if after + limit < total {
        answer["paging"] = json!({ "next": { "after": (after + limit).to_string() } });
    }
    Ok(Answer::ok(answer))
}

fn filters(group: &Value) -> &[Value] {
    group["filters"].as_array().map_or(&[], Vec::as_slice)
}

fn fit(object: &Properties, filter: &Value) -> Result<bool, Answer> {
    let has = object.get(filter["propertyName"].as_str().unwrap_or("")).filter(|has| !has.is_empty());
    let wanted = match &filter["value"] {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    let is = |wanted: &str| has.is_some_and(|has| has.to_lowercase() == wanted);
    match filter["operator"].as_str().unwrap_or("") {
        "EQ" => Ok(is(&wanted)),
        "NEQ" => Ok(has.is_some() && !is(&wanted)),
        "IN" => Ok(names(&filter["values"]).iter().any(|one| is(&one.to_lowercase()))),
        "GT" | "GTE" | "LT" | "LTE" => compared(has, &wanted, filter["operator"].as_str().unwrap_or("")),
        "HAS_PROPERTY" => Ok(has.is_some()),
        "NOT_HAS_PROPERTY" => Ok(has.is_none()),
        "CONTAINS_TOKEN" => Ok(has.is_some_and(|has| contains(has, &wanted))),
        "NOT_CONTAINS_TOKEN" => Ok(!has.is_some_and(|has| contains(has, &wanted))),
        other => Err(Answer::wrong(&format!("There was a problem with the request. (operator {other})"))),
    }
}

/// Numbers, and moments, which a search names in milliseconds.
fn compared(has: Option<&String>, wanted: &str, operator: &str) -> Result<bool, Answer> {
    let number = |text: &str| {
        let moment = text.parse::<ids::Timestamp>().map(|at| at.as_millisecond() as f64);
        moment.ok().or_else(|| text.parse::<f64>().ok())
    };
    let Some(wanted) = number(wanted) else {
        return Err(Answer::wrong("There was a problem with the request. (value)"));
    };
    let Some(has) = has.and_then(|has| number(has)) else { return Ok(false) };
    Ok(match operator {
        "GT" => has > wanted,
        "GTE" => has >= wanted,
        "LT" => has < wanted,
        _ => has <= wanted,
    })
}

/// Whether the words of a text are among them all that are wanted; `*` stands for the rest of a word.
fn contains(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut wanted =
        wanted.split(|c: char| !c.is_alphanumeric() && c != '*').filter(|one| !one.is_empty()).peekable();
    wanted.peek().is_some() && wanted.all(|one| words.iter().any(|word| like(word, one)))
}

fn like(word: &str, pattern: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => word.contains(pattern.trim_matches('*')),
        (Some(end), None) => word.ends_with(end),
        (None, Some(begin)) => word.starts_with(begin),
        (None, None) => word == pattern,
    }
}
