//! `answerInlineQuery`: what a person is shown who types the bot's name and a question in another chat.

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// The parameters of `answerInlineQuery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerInlineQuery {
    pub inline_query_id: String,
    /// At most 50.
    pub results: Vec<InlineArticle>,
    /// How long Telegram may give the same answer to the same query. Seconds.
    pub cache_time: u32,
    /// The answer is for this person alone.
    pub is_personal: bool,
}

/// A result that sends a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "article")]
pub struct InlineArticle {
    /// 1–64 bytes, another for each result.
    pub id: String,
    pub title: String,
    pub description: String,
    pub input_message_content: InlineText,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineText {
    /// 1–4096 UTF-16 units.
    pub message_text: String,
}

impl BotApi {
    /// Answers an inline query. Too late is an error of which [`SendError::is_query_expired`] is true.
    pub async fn answer_inline_query(&self, answer: &AnswerInlineQuery) -> Result<(), SendError> {
        self.call::<_, bool>(Method::AnswerInlineQuery, answer).await.map(drop)
    }
}
