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
    /// What the person said, to be kept; `None` for what is not a message.
    pub(crate) said: Option<Said>,
    /// When the update behind it had reached the gateway. Unix milliseconds; 0 where there is none.
    pub(crate) received_at_ms: i64,
    /// The trail of what it causes.
    pub(crate) trail: Trail,
}

/// A person's message, as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) kind: String,
    pub(crate) text: Pii<String>,
    pub(crate) message_id: i64,
}
