//! `sendMessageDraft`: a text that grows before the person's eyes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, ParseMode, SendError};

/// The parameters of `sendMessageDraft`. Not `Debug`: the text is for one person only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SendMessageDraft<'a> {
    /// A private chat; others are refused.
    pub chat_id: i64,
    /// Not zero. The same number again changes the draft in place.
    pub draft_id: i64,
    /// 0–4096 UTF-16 units; empty shows "Thinking…".
    pub text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// Show a button that stops it; a press comes as the update `stopped_message_generation`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub can_stop: bool,
    /// Leave what is shown where it is when the person stops it, for the 30 s that it lasts.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub keep_on_stop: bool,
}

impl<'a> SendMessageDraft<'a> {
    pub fn new(chat_id: i64, draft_id: i64, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            chat_id,
            draft_id,
            text: text.into(),
            message_thread_id: None,
            parse_mode: None,
            can_stop: false,
            keep_on_stop: false,
        }
    }
}

impl BotApi {
    /// Shows or changes a draft. It vanishes after 30 s: finish with `sendMessage`.
    pub async fn send_message_draft(&self, draft: &SendMessageDraft<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::SendMessageDraft, draft).await.map(drop)
    }
}
