//! The one message type: who, where, when, and what.

use ids::Pii;

use super::entity::Words;
use super::kind::UpdateKind;
use super::person::Person;
use super::what::What;

/// An update, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    pub update_id: i64,
    pub kind: UpdateKind,
    /// When it happened by Telegram's clock, Unix seconds (of an edit: when it was edited). Some kinds do not
    /// say: buttons, inline queries, votes.
    pub at: Option<i64>,
    pub chat: ChatRef,
    /// Who did it. None for channels, for anonymous reactions and administrators, and for whoever writes in the
    /// name of a channel: then `sender_chat_id` says in whose.
    pub sender: Option<Person>,
    /// The chat in whose name it was done: an anonymous administrator's group, a channel.
    pub sender_chat_id: Option<i64>,
    /// The message itself; of a button, the one it is below; of a reaction, the one reacted to.
    pub message_id: Option<i64>,
    /// Messages with the same album were sent as one.
    pub album: Option<String>,
    pub reply_to: Option<ReplyTo>,
    pub forward: Option<Forward>,
    /// The business connection it came through. Then the chat is one between `sender` and the business
    /// account, **not** the bot's own chat with the same id, and answers must carry this id.
    pub business_connection_id: Option<String>,
    pub what: What,
}

/// The chat an update belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRef {
    /// The id that [`peek`](super::peek) gives; 0 where that gives none.
    pub id: i64,
    pub kind: ChatKind,
    /// Of groups and channels.
    pub title: Option<Pii<String>>,
    /// The topic, in a forum or a private chat with topics.
    pub thread_id: Option<i64>,
    pub is_forum: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatKind {
    Private,
    Group,
    Supergroup,
    Channel,
    /// The update happened in no chat; the id is the person's, or 0.
    None,
}

impl ChatKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
            Self::None => "none",
        }
    }

    /// A chat of several people.
    #[must_use]
    pub const fn is_group(self) -> bool {
        matches!(self, Self::Group | Self::Supergroup)
    }
}

/// The message that a message replies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// None if it is in another chat.
    pub message_id: Option<i64>,
    pub sender_id: Option<i64>,
    pub sender_is_bot: bool,
    /// Its text or caption.
    pub text: Option<Pii<String>>,
    /// The part of it that the person picked.
    pub quote: Option<Pii<String>>,
}

/// Where a forwarded message comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    pub origin: ForwardOrigin,
    /// When it was sent first. Unix seconds.
    pub at: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardOrigin {
    Person {
        id: i64,
    },
    /// Someone who does not want to be linked.
    Hidden {
        name: Pii<String>,
    },
    Group {
        id: i64,
    },
    Channel {
        id: i64,
        message_id: Option<i64>,
    },
    Other,
}

impl Incoming {
    /// The text or the caption, also of an edited message.
    #[must_use]
    pub const fn words(&self) -> Option<&Words> {
        words_of(&self.what)
    }

    #[must_use]
    pub const fn is_private(&self) -> bool {
        matches!(self.chat.kind, ChatKind::Private)
    }
}

const fn words_of(what: &What) -> Option<&Words> {
    match what {
        What::Text(words) => Some(words),
        What::File(file) => file.caption.as_ref(),
        What::Edited(inner) | What::Guest { inner, .. } => words_of(inner),
        _ => None,
    }
}
