//! `answerCallbackQuery`: ends the waiting that a pressed button shows.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// The parameters of `answerCallbackQuery`. Not `Debug`: the text is for one person only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerCallbackQuery<'a> {
    pub callback_query_id: Cow<'a, str>,
    /// 0–200 characters, shown for a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    /// Show the text in a window that must be closed.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub show_alert: bool,
}

impl<'a> AnswerCallbackQuery<'a> {
    /// Ends the waiting and says nothing.
    pub fn silent(callback_query_id: impl Into<Cow<'a, str>>) -> Self {
        Self { callback_query_id: callback_query_id.into(), text: None, show_alert: false }
    }
}

impl BotApi {
    /// Answers a press. Too late (or twice) is an error of which [`SendError::is_query_expired`] is true.
    pub async fn answer_callback_query(&self, answer: &AnswerCallbackQuery<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::AnswerCallbackQuery, answer).await.map(drop)
    }
}
