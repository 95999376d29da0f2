//! Topics of a forum, and of a private chat where the bot has them switched on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// The parameters of `createForumTopic`. Not `Debug`: a topic may be named after a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateForumTopic<'a> {
    pub chat_id: i64,
    /// 1–128 characters.
    pub name: Cow<'a, str>,
    /// RGB, one of the six that Telegram has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_color: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_custom_emoji_id: Option<Cow<'a, str>>,
}

/// The parameters of `editForumTopic`. Not `Debug`: a topic may be named after a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EditForumTopic<'a> {
    pub chat_id: i64,
    pub message_thread_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_custom_emoji_id: Option<Cow<'a, str>>,
}

/// A topic as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct ForumTopic {
    pub message_thread_id: i64,
}

#[derive(Serialize)]
struct Topic {
    chat_id: i64,
    message_thread_id: i64,
}

impl BotApi {
    pub async fn create_forum_topic(&self, topic: &CreateForumTopic<'_>) -> Result<ForumTopic, SendError> {
        self.call(Method::CreateForumTopic, topic).await
    }

    pub async fn edit_forum_topic(&self, topic: &EditForumTopic<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::EditForumTopic, topic).await.map(drop)
    }

    pub async fn close_forum_topic(&self, chat_id: i64, message_thread_id: i64) -> Result<(), SendError> {
        self.topic(Method::CloseForumTopic, chat_id, message_thread_id).await
    }

    pub async fn reopen_forum_topic(&self, chat_id: i64, message_thread_id: i64) -> Result<(), SendError> {
        self.topic(Method::ReopenForumTopic, chat_id, message_thread_id).await
    }

    /// Deletes a topic with all its messages.
    pub async fn delete_forum_topic(&self, chat_id: i64, message_thread_id: i64) -> Result<(), SendError> {
        self.topic(Method::DeleteForumTopic, chat_id, message_thread_id).await
    }

    async fn topic(&self, method: Method, chat_id: i64, message_thread_id: i64) -> Result<(), SendError> {
        self.call::<_, bool>(method, &Topic { chat_id, message_thread_id }).await.map(drop)
    }
}
