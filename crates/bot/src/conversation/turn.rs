use events::Trail;
use ids::Pii;

use crate::domain;
use crate::store::conversation::ChatKey;

/// One thing that happened in one chat, ready to be stepped.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) key: ChatKey,
    /// "private", "group", "supergroup" or "channel"; empty where only a known chat can be meant.
    pub(crate) chat_kind: String,
    pub(crate) what: domain::What,
    pub(crate) person: domain::Person,
    pub(crate) chat: domain::Chat,
    pub(crate) message: domain::Message,
    pub(crate) place: Place,
    /// What the person said, to be kept; `None` for what is not a message.
    pub(crate) said: Option<Said>,
    /// When the update behind it had reached the gateway. Unix milliseconds; 0 where there is none.
    pub(crate) received_at_ms: i64,
    /// The trail of what it causes.
    pub(crate) trail: Trail,
}

impl Turn {
    /// Something of ours that nobody waits for, in a chat that is known.
    pub(crate) fn of_ours(key: ChatKey, what: domain::What, trail: Trail) -> Self {
        Self {
            key,
            chat_kind: String::new(),
            what,
            person: domain::Person::default(),
            // A known chat is what it is known as.
            chat: domain::Chat::PRIVATE,
            message: domain::Message::default(),
            place: Place::default(),
            said: None,
            received_at_ms: 0,
            trail,
        }
    }
}

/// What an update says of the chat itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The forum topic it happened in, to be answered there.
    pub(crate) topic: Option<i64>,
    pub(crate) reach: Reach,
}

/// Whether the chat can still be written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    #[default]
    AsBefore,
    /// The person blocked the bot, the group removed it.
    Lost {
        why: &'static str,
    },
    Regained,
    /// The group became a supergroup, which has another id.
    Moved {
        chat_id: i64,
    },
}

/// A person's message, as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) kind: String,
    pub(crate) text: Pii<String>,
    /// Of a button, what stands on it.
    pub(crate) label: Pii<String>,
    pub(crate) message_id: i64,
}
