use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id! {
    /// One person (or group) talking to one bot: stands for the pair (bot, chat) wherever the chat's
    /// own number would be personal data.
    ConversationId
}
uuid_id! {
    /// A person's request to the business, gathered by a flow.
    LeadId
}
uuid_id! {
    /// One question to a model.
    RequestId
}

/// What makes an event the same event: its `Nats-Msg-Id`. A UUIDv7, except for a Telegram update,
/// where it is `<bot>:<update_id>` so that Telegram's own repetition is recognised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

impl EventId {
    #[must_use]
    pub fn of_update(bot: &str, update_id: i64) -> Self {
        Self(format!("{bot}:{update_id}"))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
