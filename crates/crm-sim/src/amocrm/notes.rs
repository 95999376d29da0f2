//! Notes on deals.

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::entities;
use super::fields::Errors;
use super::leads::find;
use super::read::page;
use super::state::State;

/// Of a note of another kind a call says more.
const KINDS: &[&str] = &["common", "service_message", "extended_service_message", "ai_result"];

const KEYS: &[&str] =
    &["entity_id", "note_type", "params", "request_id", "created_by", "responsible_user_id"];

/// `POST /api/v4/leads/{id}/notes`, or `/leads/notes`, where each says of which deal it is.
pub(super) fn post(state: &mut State, call: &Call, of: Option<&str>) -> Result<Answer, Answer> {
    let of = match of.map(|id| find(state, id)) {
        Some(None) => return Err(Answer::problem(404, "Entity not found")),
        Some(Some((id, _))) => Some(id),
        None => None,
    };
    let drafts = entities::read(call, |item, errors| draft(state, item, of, errors))?;
    let mut made = Vec::new();
    for (request, (lead, text)) in drafts {
        let id = state.next_id();
        if let Some(lead) = state.leads.get_mut(&lead) {
            lead.notes.push((id, text));
        }
        made.push(json!({ "id": id, "entity_id": lead, "request_id": request }));
    }
    Ok(Answer::hal(&json!({ "_links": {}, "_embedded": { "notes": made } })))
}

fn draft(state: &State, item: &Value, of: Option<i64>, errors: &mut Errors) -> (i64, String) {
    errors.unexpected(item, "", KEYS);
    let lead = of.or_else(|| item.get("entity_id").and_then(Value::as_i64));
    let lead = lead.filter(|lead| state.leads.contains_key(lead));
    if lead.is_none() {
        errors.no_choice("entity_id");
    }
    match item.get("note_type").and_then(Value::as_str) {
        Some(kind) if KINDS.contains(&kind) => {}
        Some(_) => errors.no_choice("note_type"),
        None => errors.missing("note_type"),
    }
    let text = item.pointer("/params/text").and_then(Value::as_str);
    if text.is_none() {
        errors.missing("params.text");
    }
    (lead.unwrap_or(0), text.unwrap_or("").to_owned())
}

/// `GET /api/v4/leads/{id}/notes`
pub(super) fn list(state: &State, call: &Call, of: &str) -> Answer {
    let Some((lead, of)) = find(state, of) else { return Answer::problem(404, "Entity not found") };
    let one = |(id, text): &(i64, String)| {
        json!({
            "id": id, "entity_id": lead, "created_by": 0, "note_type": "common", "params": { "text": text },
            "account_id": state.options.account_id,
        })
    };
    let mut notes: Vec<Value> = of.notes.iter().map(one).collect();
    if call.param("order[id]") == Some("desc") {
        notes.reverse();
    }
    page(call, notes, "notes", 250)
}
