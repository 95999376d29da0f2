//! Values out of answers, taken as they come: a number may be a text, what is empty may be of another kind.

use serde_json::Value;

use super::super::Trouble;
use super::super::call::Reply;

/// Characters of a text for people that are kept.
const KEPT: usize = 300;

pub(super) fn number(value: &Value, at: &str) -> Option<i64> {
    let value = value.pointer(at)?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Empty where there is none.
pub(super) fn text(value: &Value, at: &str) -> String {
    match value.pointer(at) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The same, as long as a line may be.
pub(super) fn line(value: &Value, at: &str) -> String {
    text(value, at).chars().take(KEPT).collect()
}

pub(super) fn is_true(value: &Value, at: &str) -> bool {
    value.pointer(at).is_some_and(|value| value == true || value == 1)
}

pub(super) fn list<'a>(value: &'a Value, at: &str) -> &'a [Value] {
    value.pointer(at).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What a page of a list holds, and whether another follows. A page without the list is no answer of amoCRM: taken for
/// an empty one, it would have a deal made twice.
pub(super) fn page(reply: &Reply, key: &str) -> Result<(Vec<Value>, bool), Trouble> {
    if reply.status == 204 {
        return Ok((Vec::new(), false));
    }
    let mut body: Value = reply.json()?;
    let is_more = body.pointer("/_links/next/href").is_some_and(Value::is_string);
    match body.pointer_mut(&format!("/_embedded/{key}")).map(Value::take) {
        Some(Value::Array(items)) => Ok((items, is_more)),
        _ => Err(reply.failed()),
    }
}
