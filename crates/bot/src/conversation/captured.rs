//! Leads on their way out of a batch of turns.

use events::message::bot as message;
use events::{Envelope, Key, Trail};
use ids::{ConversationId, Ids};

use crate::domain::Lead;
use crate::store::conversation::ChatKey;

/// A lead that was captured; its event goes out with the files that are the lead's.
pub(crate) struct Captured {
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) lead: Lead,
    pub(crate) event: message::LeadCaptured,
    pub(crate) trail: Trail,
}

impl Captured {
    pub(crate) fn envelope(&self, ids: &Ids, now_ms: i64) -> Envelope {
        let key = Key::chat(&self.key.bot, self.key.chat_id);
        Envelope::new(ids.event(), key, self.trail.clone(), now_ms, &self.event)
    }
}

/// A captured lead that has another score; of its answers those alone that are new.
pub(crate) struct Again {
    pub(crate) lead: Lead,
    pub(crate) event: message::LeadRescored,
    pub(crate) chat_id: i64,
    pub(crate) trail: Trail,
}

impl Again {
    pub(crate) fn envelope(self, ids: &Ids, now_ms: i64) -> Envelope {
        let key = Key::chat(&self.event.bot, self.chat_id);
        Envelope::new(ids.event(), key, self.trail, now_ms, &self.event)
    }
}
