//! People type a bot's name and some words in another chat.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::acts::OfBot;
use super::address;
use super::problem::Problem;
use crate::sync::lock;

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    person: i64,
    bot: Option<String>,
    query: String,
}

/// Answers with `{id}`.
pub(super) async fn ask(State(sim): State<App>, Json(typed): Json<Typed>) -> Result<Json<Value>, Problem> {
    let bot = address::bot(&sim, typed.bot.as_deref())?;
    let person = sim.person(typed.person);
    let person = person.ok_or_else(|| Problem::not_found(format!("there is nobody {}", typed.person)))?;
    let id = sim.next_callback_id();
    lock(&bot.inline).add(id.clone(), sim.options.clock.now_ms());
    let query =
        json!({ "id": id, "from": person, "query": typed.query, "offset": "", "chat_type": "supergroup" });
    sim.push_update(&bot, "inline_query", typed.person, &query);
    Ok(Json(json!({ "id": id })))
}

/// `{"results":…}`: null until the bot has answered.
pub(super) async fn offered(
    State(sim): State<App>,
    Path(id): Path<String>,
    Query(of): Query<OfBot>,
) -> Result<Json<Value>, Problem> {
    let bot = address::bot(&sim, of.bot.as_deref())?;
    let mut inline = lock(&bot.inline);
    let query = inline.get_mut(&id).ok_or_else(|| Problem::not_found(format!("nobody typed {id}")))?;
    Ok(Json(json!({ "results": query.results })))
}
