//! Who acts, and where.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::problem::Problem;
use crate::state::{Bot, Chat, ChatKey, Sim};
use crate::world::{ActError, Place};

/// A person and a chat: the name of a bot for the private chat with it, or the id of a group. Without a
/// chat it is the private chat with the first bot.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Address {
    pub(super) person: i64,
    #[serde(default, deserialize_with = "text_or_number")]
    pub(super) chat: Option<String>,
}

impl Address {
    pub(super) fn place(&self, sim: &Sim) -> Result<Place, ActError> {
        sim.place(self.person, self.chat.as_deref())
    }
}

/// `"dev2production"`, `"-1001"` or `-1001`.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    Ok(Option::<Either>::deserialize(from)?.map(|either| match either {
        Either::Number(number) => number.to_string(),
        Either::Text(text) => text,
    }))
}

/// The name of a chat as the page and the control API use it.
pub(super) fn chat_name(sim: &Sim, key: ChatKey) -> String {
    if key.bot == 0 {
        return key.chat.to_string();
    }
    sim.bot_named(&key.bot.to_string()).map_or_else(|| key.bot.to_string(), |bot| bot.name.clone())
}

/// The bot of this name, or the first one.
pub(super) fn bot(sim: &Sim, name: Option<&str>) -> Result<Arc<Bot>, Problem> {
    let found = match name {
        Some(name) => sim.bot_named(name),
        None => sim.bots().first().cloned(),
    };
    found.ok_or_else(|| ActError::NoBot(name.unwrap_or("at all").to_owned()).into())
}

/// A group by its id.
pub(super) fn group(sim: &Sim, id: i64) -> Result<Arc<Chat>, Problem> {
    sim.chat(ChatKey::of(0, id)).ok_or_else(|| ActError::NoChat(id.to_string()).into())
}
