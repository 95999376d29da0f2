//! The shapes of the Bot API, as far as they are read. Parts that only sometimes matter stay raw JSON and
//! are read on demand, so that a change in one of them does not make the whole message unreadable.

use ids::Pii;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::incoming::{ChatKind, ChatRef};
use super::person::Person;

#[derive(Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type", default)]
    kind: ChatType,
    title: Option<Pii<String>>,
    #[serde(default)]
    is_forum: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum ChatType {
    Private,
    Group,
    Supergroup,
    Channel,
    #[default]
    #[serde(other)]
    Other,
}

impl Chat {
    pub(super) fn into_ref(self, thread_id: Option<i64>) -> ChatRef {
        let kind = match self.kind {
            ChatType::Private => ChatKind::Private,
            ChatType::Group => ChatKind::Group,
            ChatType::Supergroup => ChatKind::Supergroup,
            ChatType::Channel => ChatKind::Channel,
            ChatType::Other => ChatKind::None,
        };
        ChatRef { id: self.id, kind, title: self.title, thread_id, is_forum: self.is_forum }
    }
}

/// Something of which only the id counts.
#[derive(Deserialize)]
pub(super) struct Id {
    pub(super) id: i64,
}

#[derive(Deserialize, Default)]
pub(super) struct Entity {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// UTF-16 units, as the length.
    pub(super) offset: i64,
    pub(super) length: i64,
    pub(super) url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) user: Option<Id>,
    pub(super) custom_emoji_id: Option<String>,
}

/// A message, whole or inaccessible (then only chat, id and a date of 0 are there).
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    pub(super) message_id: i64,
    #[serde(default)]
    pub(super) date: i64,
    pub(super) edit_date: Option<i64>,
    pub(super) chat: Chat,
    pub(super) from: Option<Person>,
    pub(super) sender_chat: Option<Id>,
    pub(super) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(super) is_topic_message: bool,
    pub(super) business_connection_id: Option<String>,
    pub(super) guest_query_id: Option<String>,
    pub(super) media_group_id: Option<String>,
    #[serde(borrow)]
    pub(super) reply_to_message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) external_reply: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) quote: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) forward_origin: Option<&'a RawValue>,

    pub(super) text: Option<String>,
    #[serde(borrow)]
    pub(super) entities: Option<&'a RawValue>,
    pub(super) caption: Option<String>,
    #[serde(borrow)]
    pub(super) caption_entities: Option<&'a RawValue>,

    #[serde(borrow)]
    pub(super) animation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) photo: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) document: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) voice: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) video: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) video_note: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) audio: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) sticker: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) venue: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) location: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) contact: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) new_chat_members: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) left_chat_member: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) forum_topic_created: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) forum_topic_edited: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) forum_topic_closed: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) forum_topic_reopened: Option<&'a RawValue>,
    pub(super) migrate_to_chat_id: Option<i64>,
    pub(super) migrate_from_chat_id: Option<i64>,
    #[serde(borrow)]
    pub(super) reply_markup: Option<&'a RawValue>,
}

/// Reads a part that was left raw; `None` if it has another shape.
pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// The same for a part that may be absent.
pub(super) fn read_part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    raw.and_then(read)
}
