//! Messages that Telegram writes itself: joins and leaves, topics, migrations; and the names of all others.

use ids::Pii;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::person::Person;
use super::what::{TopicEvent, What};
use super::wire::{self, Message, read_part};

/// What a message may have beside its content.
const ABOUT_THE_MESSAGE: [&str; 40] = [
    "message_id",
    "ephemeral_message_id",
    "message_thread_id",
    "direct_messages_topic",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "receiver_user",
    "date",
    "guest_query_id",
    "business_connection_id",
    "chat",
    "forward_origin",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "reply_to_poll_option_id",
    "via_bot",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "edit_date",
    "has_protected_content",
    "is_from_offline",
    "is_paid_post",
    "media_group_id",
    "author_signature",
    "link_preview_options",
    "suggested_post_info",
    "effect_id",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "reply_markup",
];

/// Longest name that is kept.
const MAX_NAME: usize = 64;

#[derive(Deserialize)]
struct Topic {
    name: Option<Pii<String>>,
}

pub(super) fn read(message: &Message<'_>) -> Option<What> {
    if let Some(people) = read_part::<Vec<Person>>(message.new_chat_members) {
        return Some(What::Joined { people });
    }
    if let Some(person) = read_part::<Person>(message.left_chat_member) {
        return Some(What::Left { person });
    }
    if let Some(chat_id) = message.migrate_to_chat_id {
        return Some(What::MigratedTo { chat_id });
    }
    if let Some(chat_id) = message.migrate_from_chat_id {
        return Some(What::MigratedFrom { chat_id });
    }
    if let Some(topic) = read_part::<Topic>(message.forum_topic_created) {
        return Some(What::Topic(TopicEvent::Created { name: topic.name.unwrap_or_default() }));
    }
    if let Some(topic) = read_part::<Topic>(message.forum_topic_edited) {
        return Some(What::Topic(TopicEvent::Edited { name: topic.name }));
    }
    if message.forum_topic_closed.is_some() {
        return Some(What::Topic(TopicEvent::Closed));
    }
    message.forum_topic_reopened.map(|_| What::Topic(TopicEvent::Reopened))
}

/// Content that we have no case for, by the first field that is content: `message.dice`.
pub(super) fn unnamed(body: &RawValue) -> What {
    let kind = match wire::read::<FirstContent>(body).and_then(|first| first.0) {
        Some(name) => format!("message.{name}"),
        None => "message".to_owned(),
    };
    What::Other { kind }
}

struct FirstContent(Option<String>);

impl<'de> Deserialize<'de> for FirstContent {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = FirstContent;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<FirstContent, A::Error> {
                let mut first = None;
                while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                    let is_content = !ABOUT_THE_MESSAGE.contains(&name.as_str()) && name.len() <= MAX_NAME;
                    if first.is_none() && is_content {
                        first = Some(name);
                    }
                }
                Ok(FirstContent(first))
            }
        }

        from.deserialize_map(Visitor)
    }
}
