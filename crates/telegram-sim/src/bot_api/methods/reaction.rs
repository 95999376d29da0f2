//! `setMessageReaction`: one reaction of the bot on a message.

use serde_json::Value;

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};
use crate::sync::lock;

/// Those that every chat allows.
pub(crate) const EMOJI: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 \
    💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";

pub(super) fn set_message_reaction(cx: &Cx<'_>, params: &Params) -> Answer {
    let reactions = read(params)?;
    let message_id = params.integer("message_id").unwrap_or(0);
    let chat = cx.kept_target(params)?;
    if cx.sim.options.lean {
        return done();
    }
    let entry = {
        let mut state = lock(&chat.state);
        let entry = state.find_mut(message_id).ok_or_else(|| ApiError::bad("message to react not found"))?;
        if reactions.is_empty() {
            entry.reactions.remove(&cx.bot.id);
        } else {
            entry.reactions.insert(cx.bot.id, reactions);
        }
        entry.clone()
    };
    cx.sim.live.tell(chat.key, "edited", "entry", || entry);
    done()
}

fn read(params: &Params) -> Result<Vec<Value>, ApiError> {
    let list =
        params.json("reaction").map_err(|_| ApiError::bad("Can't parse reaction types JSON object"))?;
    let Some(list) = list else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| ApiError::bad("Expected an Array of ReactionType"))?;
    for reaction in list {
        let kind = reaction.get("type").and_then(Value::as_str);
        let emoji = reaction.get("emoji").and_then(Value::as_str);
        match (kind, emoji) {
            (Some("emoji"), Some(emoji)) => {
                let plain = emoji.trim_end_matches('\u{fe0f}');
                if !EMOJI.split_whitespace().any(|known| known == plain) {
                    return Err(ApiError::bad("REACTION_INVALID"));
                }
            }
            (Some("custom_emoji"), _) => return Err(ApiError::bad("REACTION_INVALID")),
            (Some("emoji"), None) => {
                return Err(ApiError::bad("Can't parse ReactionType: Can't find field \"emoji\""));
            }
            (Some(_), _) => {
                return Err(ApiError::bad("Can't parse ReactionType: invalid reaction type specified"));
            }
            (None, _) => return Err(ApiError::bad("Can't parse ReactionType: Can't find field \"type\"")),
        }
    }
    if list.len() > 1 {
        return Err(ApiError::bad("REACTIONS_TOO_MANY"));
    }
    Ok(list.clone())
}
