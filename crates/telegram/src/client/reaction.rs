//! `setMessageReaction`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// A reaction with one of the emoji that Telegram allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "emoji")]
pub struct Emoji<'a> {
    pub emoji: Cow<'a, str>,
}

/// The parameters of `setMessageReaction`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMessageReaction<'a> {
    pub chat_id: i64,
    pub message_id: i64,
    /// At most one for a bot; none takes the reaction away.
    pub reaction: Vec<Emoji<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_big: bool,
}

impl<'a> SetMessageReaction<'a> {
    pub fn new(chat_id: i64, message_id: i64, emoji: impl Into<Cow<'a, str>>) -> Self {
        Self { chat_id, message_id, reaction: vec![Emoji { emoji: emoji.into() }], is_big: false }
    }
}

impl BotApi {
    pub async fn set_message_reaction(&self, reaction: &SetMessageReaction<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::SetMessageReaction, reaction).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_written_as_telegram_wants_it() {
        assert_eq!(
            serde_json::to_string(&SetMessageReaction::new(1, 2, "👍")).unwrap(),
            r#"{"chat_id":1,"message_id":2,"reaction":[{"type":"emoji","emoji":"👍"}]}"#
        );
    }
}
