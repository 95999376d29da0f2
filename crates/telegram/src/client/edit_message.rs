//! `editMessageText` and `editMessageReplyMarkup`, of messages in a chat.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{BotApi, InlineKeyboard, LinkPreview, Method, ParseMode, SendError, TextEntity};

/// The parameters of `editMessageText`. Not `Debug`: the text is for one person only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EditMessageText<'a> {
    pub chat_id: i64,
    pub message_id: i64,
    /// 1–4096 UTF-16 units after its mark-up is taken off.
    pub text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_connection_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entities: Vec<TextEntity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_preview_options: Option<LinkPreview>,
    /// Not set: the buttons go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

impl<'a> EditMessageText<'a> {
    pub fn new(chat_id: i64, message_id: i64, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            chat_id,
            message_id,
            text: text.into(),
            business_connection_id: None,
            parse_mode: None,
            entities: Vec::new(),
            link_preview_options: None,
            reply_markup: None,
        }
    }
}

/// The parameters of `editMessageReplyMarkup`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditMessageReplyMarkup {
    pub chat_id: i64,
    pub message_id: i64,
    /// Not set: the buttons go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

impl BotApi {
    /// Replaces the text and the buttons of a message. An edit that changes nothing is an error of which
    /// [`SendError::is_not_modified`] is true.
    pub async fn edit_message_text(&self, edit: &EditMessageText<'_>) -> Result<(), SendError> {
        self.call::<_, IgnoredAny>(Method::EditMessageText, edit).await.map(drop)
    }

    /// Replaces the buttons of a message.
    pub async fn edit_message_reply_markup(&self, edit: &EditMessageReplyMarkup) -> Result<(), SendError> {
        self.call::<_, IgnoredAny>(Method::EditMessageReplyMarkup, edit).await.map(drop)
    }
}
