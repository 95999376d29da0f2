//! Raw updates: anything at all can be given to a bot as if Telegram had sent it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::App;
use super::address;
use super::problem::Problem;
use crate::model::{ChatView, User};
use crate::state::{Bot, Sim};
use crate::sync::lock;

#[derive(Debug, Deserialize)]
pub(super) struct Inject {
    #[serde(default)]
    bot: Option<String>,
    /// Each an object; `update_id` is given where it is missing.
    updates: Vec<Map<String, Value>>,
}

/// `{"update_ids":[…]}`. `allowed_updates` is not asked.
pub(super) async fn inject(
    State(sim): State<App>,
    Json(inject): Json<Inject>,
) -> Result<Json<Value>, Problem> {
    let bot = address::bot(&sim, inject.bot.as_deref())?;
    let mut ids = Vec::with_capacity(inject.updates.len());
    for mut update in inject.updates {
        let id = update.remove("update_id").and_then(|id| id.as_i64());
        let chat = learn(&sim, &bot, &update);
        let text = Value::Object(update).to_string();
        let inside = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).filter(|t| !t.is_empty());
        let inside = inside.ok_or_else(|| Problem::invalid("an update has something in it"))?;
        ids.push(sim.push_raw(&bot, id, chat, inside));
    }
    Ok(Json(json!({ "update_ids": ids })))
}

/// Makes the people and chats that the update speaks of, and tells which chat it belongs to.
fn learn(sim: &Sim, bot: &Bot, update: &Map<String, Value>) -> i64 {
    let Some(what) = update.values().find(|value| value.is_object()) else { return 0 };
    let message = what.get("message").unwrap_or(what);
    let chat: Option<ChatView> =
        message.get("chat").and_then(|chat| serde_json::from_value(chat.clone()).ok());
    let from: Option<User> = what.get("from").and_then(|from| serde_json::from_value(from.clone()).ok());
    if let (Some(id), Some(from)) = (what.get("id").and_then(Value::as_str), &from)
        && update.contains_key("callback_query")
    {
        lock(&bot.callbacks).add(id, from.id, sim.options.clock.now_ms());
    }
    if let Some(from) = &from
        && !sim.options.lean
    {
        sim.meet(bot.id, from, chat.as_ref());
    }
    chat.map(|chat| chat.id).or_else(|| from.map(|from| from.id)).unwrap_or(0)
}
