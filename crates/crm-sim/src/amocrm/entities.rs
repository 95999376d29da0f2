//! The entities of a request that writes: an array also where there is one, and none is made where one of them is wrong.

use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::fields::Errors;

/// Entities of one request.
const MOST: usize = 50;

/// Each entity, as `read` understands it, with what the caller calls that part of the request.
pub(super) fn read<D>(
    call: &Call,
    read: impl Fn(&Value, &mut Errors) -> D,
) -> Result<Vec<(String, D)>, Answer> {
    let Some(Value::Array(items)) = call.json() else {
        let mut errors = Errors::default();
        errors.missing("0");
        return Err(Answer::invalid(&[("0".to_owned(), errors.0)]));
    };
    if items.is_empty() {
        return Err(Answer::problem(400, "The request is empty"));
    }
    if items.len() > MOST {
        return Err(Answer::problem(400, "The maximum of entities in a request is 50"));
    }
    let (mut drafts, mut wrong) = (Vec::new(), Vec::new());
    for (nth, item) in items.iter().enumerate() {
        let mut errors = Errors::default();
        let request = item.get("request_id").and_then(Value::as_str);
        let request = request.map_or_else(|| nth.to_string(), str::to_owned);
        drafts.push((request.clone(), read(item, &mut errors)));
        if !errors.0.is_empty() {
            wrong.push((request, errors.0));
        }
    }
    if wrong.is_empty() { Ok(drafts) } else { Err(Answer::invalid(&wrong)) }
}
