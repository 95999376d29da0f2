//! Webhooks of the account: who asked for them, and what they are told.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::fields::Errors;
use super::state::{Lead, State};
use crate::post::{FORM, encoded, post};

/// Whoever has not answered by then has not been told.
const PATIENCE: Duration = Duration::from_secs(2);

const EVENTS: &[&str] = &[
    "add_lead",
    "update_lead",
    "delete_lead",
    "restore_lead",
    "status_lead",
    "responsible_lead",
    "note_lead",
    "add_contact",
    "update_contact",
    "delete_contact",
    "note_contact",
];

#[derive(Clone, Debug)]
pub(super) struct Webhook {
    id: i64,
    destination: String,
    settings: Vec<String>,
}

impl Webhook {
    /// Of where deals stand.
    pub(super) fn of_deals(id: i64, destination: &str) -> Self {
        Self { id, destination: destination.to_owned(), settings: vec!["status_lead".to_owned()] }
    }

    fn json(&self, state: &State) -> Value {
        json!({
            "id": self.id, "destination": self.destination, "settings": self.settings, "disabled": false, "sort": 1,
            "account_id": state.options.account_id, "created_by": 0, "created_at": state.now(),
            "updated_at": state.now(),
        })
    }
}

pub(super) fn list(state: &State) -> Answer {
    let all: Vec<Value> = state.webhooks.iter().map(|webhook| webhook.json(state)).collect();
    if all.is_empty() {
        return Answer::empty();
    }
    Answer::hal(&json!({ "_total_items": all.len(), "_embedded": { "webhooks": all } }))
}

pub(super) fn subscribe(state: &mut State, call: &Call) -> Answer {
    let body = call.json().unwrap_or_default();
    let mut errors = Errors::default();
    let destination = body.get("destination").and_then(Value::as_str).unwrap_or("");
    if !(destination.starts_with("https://") || destination.starts_with("http://")) {
        errors.add("destination", "InvalidUrl", "This value is not a valid URL.");
    }
    let settings = body.get("settings").and_then(Value::as_array).cloned().unwrap_or_default();
    if settings.is_empty() {
        errors.missing("settings");
    }
    for (nth, event) in settings.iter().enumerate() {
        if !event.as_str().is_some_and(|event| EVENTS.contains(&event)) {
            errors.no_choice(format!("settings.{nth}"));
        }
    }
    if !errors.0.is_empty() {
        return Answer::invalid(&[("0".to_owned(), errors.0)]);
    }
    let settings = settings.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    state.webhooks.retain(|webhook| webhook.destination != destination);
    let webhook = Webhook { id: state.next_id(), destination: destination.to_owned(), settings };
    let answer = Answer::made(201, &webhook.json(state));
    state.webhooks.push(webhook);
    answer
}

pub(super) fn unsubscribe(state: &mut State, call: &Call) -> Answer {
    let body = call.json().unwrap_or_default();
    let destination = body.get("destination").and_then(Value::as_str).unwrap_or("").to_owned();
    state.webhooks.retain(|webhook| webhook.destination != destination);
    Answer::empty()
}

/// Where a change of a deal's stage is told, and in what words.
pub(super) fn of_stage(state: &State, id: i64, lead: &Lead, was: (i64, i64)) -> (Vec<String>, String) {
    let wanting =
        state.webhooks.iter().filter(|webhook| webhook.settings.iter().any(|one| one == "status_lead"));
    let destinations = wanting.map(|webhook| webhook.destination.clone()).collect();
    let (old_pipeline, old_stage) = was;
    let fields = [
        ("id", id.to_string()),
        ("name", lead.name.clone()),
        ("status_id", lead.stage.to_string()),
        ("old_status_id", old_stage.to_string()),
        ("price", lead.price.unwrap_or(0).to_string()),
        ("responsible_user_id", lead.responsible.to_string()),
        ("last_modified", state.now().to_string()),
        ("modified_user_id", lead.responsible.to_string()),
        ("created_user_id", "0".to_owned()),
        ("date_create", lead.created_at.to_string()),
        ("pipeline_id", lead.pipeline.to_string()),
        ("old_pipeline_id", old_pipeline.to_string()),
        ("account_id", state.options.account_id.to_string()),
    ];
    let mut pairs: Vec<(String, String)> =
        fields.into_iter().map(|(key, value)| (format!("leads[status][0][{key}]"), value)).collect();
    let subdomain = &state.options.subdomain;
    pairs.push(("account[subdomain]".to_owned(), subdomain.clone()));
    pairs.push(("account[id]".to_owned(), state.options.account_id.to_string()));
    pairs.push(("account[_links][self]".to_owned(), format!("https://{subdomain}.amocrm.ru")));
    let line = |(key, value): &(String, String)| format!("{}={}", encoded(key), encoded(value));
    (destinations, pairs.iter().map(line).collect::<Vec<_>>().join("&"))
}

/// Posts it to a plain http address; the status that came back in time.
pub(super) async fn told(destination: &str, form: &str) -> Option<u16> {
    let headers = format!("User-Agent: amoCRM-Webhooks/3.0\r\n{FORM}");
    post(destination, None, &headers, form, PATIENCE).await
}
