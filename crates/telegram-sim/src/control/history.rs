//! The messages of a chat.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::address::{Address, group};
use super::problem::Problem;
use crate::sync::lock;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// Needed for a private chat.
    person: Option<i64>,
    chat: Option<String>,
    #[serde(default)]
    after: i64,
    #[serde(default = "many")]
    limit: usize,
}

fn many() -> usize {
    200
}

pub(super) async fn list(
    State(sim): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let number = wanted.chat.as_deref().and_then(|chat| chat.parse::<i64>().ok()).filter(|id| *id < 0);
    let chat = match (wanted.person, number) {
        (Some(person), _) => Address { person, chat: wanted.chat }.place(&sim)?.chat,
        (None, Some(id)) => group(&sim, id)?,
        (None, None) => return Err(Problem::invalid("say whose private chat it is")),
    };
    let state = lock(&chat.state);
    Ok(Json(json!({
        "entries": state.since(wanted.after, wanted.limit),
        "keyboard": state.keyboard,
        "blocked": state.blocked,
        "topics": state.topics.values().collect::<Vec<_>>(),
    })))
}
