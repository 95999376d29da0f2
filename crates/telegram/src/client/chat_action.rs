//! `sendChatAction`: "is typing…".

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// What the bot is shown to be doing. It ends after five seconds or with the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatAction {
    Typing,
    UploadPhoto,
    RecordVideo,
    UploadVideo,
    RecordVoice,
    UploadVoice,
    UploadDocument,
    ChooseSticker,
    FindLocation,
    RecordVideoNote,
    UploadVideoNote,
}

/// The parameters of `sendChatAction`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendChatAction<'a> {
    pub chat_id: i64,
    pub action: ChatAction,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_connection_id: Option<Cow<'a, str>>,
}

impl SendChatAction<'_> {
    /// "is typing…" in a chat.
    #[must_use]
    pub const fn typing(chat_id: i64) -> Self {
        Self { chat_id, action: ChatAction::Typing, message_thread_id: None, business_connection_id: None }
    }
}

impl BotApi {
    pub async fn send_chat_action(&self, action: &SendChatAction<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::SendChatAction, action).await.map(drop)
    }
}
