//! `deleteMessage` and `deleteMessages`.

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};
use crate::state::Chat;
use crate::sync::lock;

/// Seconds after which a message stays.
const TOO_OLD: i64 = 48 * 3600;

pub(super) fn delete_message(cx: &Cx<'_>, params: &Params) -> Answer {
    if !params.has("chat_id") {
        return Err(ApiError::bad("Chat identifier is not specified"));
    }
    let message_id = params.integer("message_id").unwrap_or(0);
    if message_id == 0 {
        return Err(ApiError::bad("Message identifier is not specified"));
    }
    let chat = cx.kept_target(params)?;
    if cx.sim.options.lean {
        return done();
    }
    may_delete(cx, &chat, message_id)?;
    cx.sim.delete_message(&chat, message_id);
    done()
}

pub(super) fn delete_messages(cx: &Cx<'_>, params: &Params) -> Answer {
    let ids = params
        .json("message_ids")
        .map_err(|_| ApiError::bad("Can't parse message identifiers JSON object"))?;
    let ids = ids.as_deref().and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    if ids.is_empty() {
        return Err(ApiError::bad("Message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(ApiError::bad("Too many message identifiers specified"));
    }
    let chat = cx.kept_target(params)?;
    for id in ids.iter().filter_map(serde_json::Value::as_i64) {
        // Those that are gone, or may not go, are skipped.
        if may_delete(cx, &chat, id).is_ok() {
            cx.sim.delete_message(&chat, id);
        }
    }
    done()
}

fn may_delete(cx: &Cx<'_>, chat: &Chat, message_id: i64) -> Result<(), ApiError> {
    let state = lock(&chat.state);
    let entry = state.find(message_id).ok_or_else(|| ApiError::bad("message to delete not found"))?;
    let admin = state.members.get(&cx.bot.id).is_some_and(|status| status.is_admin());
    if chat.key.bot == 0 && !admin && !entry.message.is_from(cx.bot.id) {
        return Err(ApiError::bad("message can't be deleted"));
    }
    if cx.sim.now() - entry.message.date > TOO_OLD {
        return Err(ApiError::bad("message can't be deleted for everyone"));
    }
    Ok(())
}
