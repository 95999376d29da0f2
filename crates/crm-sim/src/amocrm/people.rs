//! People: what may be said of one, and calls that make some.

use serde_json::{Value, json};

use super::account;
use super::answer::Answer;
use super::call::Call;
use super::entities;
use super::fields::{self, Errors};
use super::state::{Contact, State, filled};

const KEYS: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "responsible_user_id",
    "created_by",
    "updated_by",
    "created_at",
    "updated_at",
    "custom_fields_values",
    "is_main",
    "_embedded",
    "request_id",
];

/// Reads a new person; `at` is the path to it, with a dot behind it, or empty.
pub(super) fn draft(state: &State, item: &Value, at: &str, errors: &mut Errors) -> Contact {
    errors.unexpected(item, at, KEYS);
    let mut text = |key: &str| match item.get(key) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            errors.of_type(format!("{at}{key}"), "string");
            String::new()
        }
    };
    let (name, first, last) = (text("name"), text("first_name"), text("last_name"));
    let name = if name.is_empty() { format!("{first} {last}").trim().to_owned() } else { name };
    let responsible = item.get("responsible_user_id").map_or(Some(account::ANNA), Value::as_i64);
    let known = |id: &i64| state.users.iter().any(|user| user.id == *id && user.active);
    if responsible.filter(known).is_none() {
        errors.no_choice(format!("{at}responsible_user_id"));
    }
    let values = item.get("custom_fields_values").unwrap_or(&Value::Null);
    let at = format!("{at}custom_fields_values");
    let fields = fields::read(values, &at, &state.contact_fields, errors).into_iter().collect();
    Contact { name, responsible: responsible.unwrap_or(0), created_at: state.now(), fields }
}

/// `POST /api/v4/contacts`
pub(super) fn post(state: &mut State, call: &Call) -> Result<Answer, Answer> {
    let drafts = entities::read(call, |item, errors| draft(state, item, "", errors))?;
    let mut made = Vec::new();
    for (request, contact) in drafts {
        let id = state.next_id();
        state.contacts.insert(id, contact);
        made.push(json!({ "id": id, "request_id": request }));
    }
    Ok(Answer::hal(&json!({ "_links": {}, "_embedded": { "contacts": made } })))
}

/// The open deal of somebody who has this person's telephone or address, with that somebody.
pub(super) fn duplicate(state: &State, contact: &Contact) -> Option<(i64, i64)> {
    let ways = |contact: &Contact| -> Vec<String> {
        let of = |field: &&account::Field| matches!(field.code, "PHONE" | "EMAIL");
        let ids = state.contact_fields.iter().filter(of).map(|field| field.id);
        let values = ids.filter_map(|id| contact.fields.get(&id).map(|values| (id, values.clone())));
        filled("", &values.collect()).into_iter().filter(|text| !text.is_empty()).collect()
    };
    let wanted = ways(contact);
    let known = state.contacts.iter().filter(|(_, known)| ways(known).iter().any(|way| wanted.contains(way)));
    known
        .filter_map(|(id, _)| {
            let is_open = |stage: i64| stage != account::WON && stage != account::LOST;
            let mut open =
                state.leads.iter().filter(|(_, lead)| lead.contacts.contains(id) && is_open(lead.stage));
            open.next().map(|(lead, _)| (*lead, *id))
        })
        .next()
}
