//! A message, sent or service.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChatView, Entity, User};

/// Fields that are absent are not written, as on the real server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<User>,
    pub(crate) chat: ChatView,
    /// Unix seconds.
    pub(crate) date: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edit_date: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_topic_message: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to_message: Option<Box<Message>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<Entity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) photo: Vec<PhotoSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caption: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) caption_entities: Vec<Entity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Contact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) new_chat_members: Vec<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left_chat_member: Option<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forum_topic_created: Option<ForumTopicCreated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forum_topic_edited: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forum_topic_closed: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forum_topic_reopened: Option<Empty>,
    /// Only an inline keyboard is shown inside a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<Value>,
}

/// An object with no fields.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Empty {}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PhotoSize {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) file_size: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Document {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    pub(crate) file_name: String,
    pub(crate) mime_type: String,
    pub(crate) file_size: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) phone_number: String,
    pub(crate) first_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<i64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ForumTopicCreated {
    pub(crate) name: String,
    pub(crate) icon_color: i64,
}

/// What a new message answers, and where.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReplyTarget {
    pub(crate) thread: Option<i64>,
    pub(crate) reply_to: Option<i64>,
}

impl Message {
    /// A message with nothing in it yet; its id is given when it is posted.
    pub(crate) fn new(chat: ChatView, from: Option<User>, date: i64) -> Self {
        Self {
            message_id: 0,
            message_thread_id: None,
            from,
            chat,
            date,
            edit_date: None,
            is_topic_message: false,
            reply_to_message: None,
            media_group_id: None,
            text: None,
            entities: Vec::new(),
            photo: Vec::new(),
            document: None,
            caption: None,
            caption_entities: Vec::new(),
            contact: None,
            location: None,
            new_chat_members: Vec::new(),
            left_chat_member: None,
            forum_topic_created: None,
            forum_topic_edited: None,
            forum_topic_closed: None,
            forum_topic_reopened: None,
            reply_markup: None,
        }
    }

    pub(crate) fn is_from(&self, user: i64) -> bool {
        self.from.as_ref().is_some_and(|from| from.id == user)
    }

    /// A message about the chat itself, which every bot in it sees and nobody can edit.
    pub(crate) fn is_service(&self) -> bool {
        !self.new_chat_members.is_empty()
            || self.left_chat_member.is_some()
            || self.forum_topic_created.is_some()
            || self.forum_topic_edited.is_some()
            || self.forum_topic_closed.is_some()
            || self.forum_topic_reopened.is_some()
    }

    /// Whether it carries an inline button with this callback data.
    pub(crate) fn has_button(&self, data: &str) -> bool {
        let rows =
            self.reply_markup.as_ref().and_then(|m| m.get("inline_keyboard")).and_then(Value::as_array);
        rows.into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .any(|button| button.get("callback_data").and_then(Value::as_str) == Some(data))
    }
}
