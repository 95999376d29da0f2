//! `sendMessage`: the call that runs thousands of times a second.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, LinkPreview, Method, ParseMode, ReplyMarkup, ReplyParameters, SendError, TextEntity};

/// The parameters of `sendMessage`. Not `Debug`: the text is for one person only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SendMessage<'a> {
    pub chat_id: i64,
    /// 1–4096 UTF-16 units after its mark-up is taken off.
    pub text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_connection_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entities: Vec<TextEntity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_preview_options: Option<LinkPreview>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub disable_notification: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub protect_content: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<ReplyMarkup>,
}

impl<'a> SendMessage<'a> {
    /// A plain text for a chat.
    pub fn new(chat_id: i64, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            chat_id,
            text: text.into(),
            message_thread_id: None,
            business_connection_id: None,
            parse_mode: None,
            entities: Vec::new(),
            link_preview_options: None,
            disable_notification: false,
            protect_content: false,
            reply_parameters: None,
            reply_markup: None,
        }
    }
}

/// A message as it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Sent {
    pub message_id: i64,
    /// Unix seconds by Telegram's clock.
    pub date: i64,
}

impl BotApi {
    /// Sends a text.
    pub async fn send_message(&self, message: &SendMessage<'_>) -> Result<Sent, SendError> {
        self.call(Method::SendMessage, message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_not_sent() {
        let message = SendMessage::new(42, "hello");
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(json, r#"{"chat_id":42,"text":"hello"}"#);
        assert!(serde_json::from_str::<SendMessage<'_>>(&json).unwrap() == message);
    }
}
