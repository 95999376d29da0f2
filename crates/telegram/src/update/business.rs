//! Telegram Business: an account lets the bot answer in its own chats.

use serde::Deserialize;

use super::incoming::Incoming;
use super::kind::UpdateKind;
use super::normalise::{inside, outside};
use super::person::Person;
use super::what::What;
use super::wire;

#[derive(Deserialize)]
pub(super) struct Connected {
    id: String,
    user: Person,
    user_chat_id: i64,
    date: Option<i64>,
    #[serde(default)]
    is_enabled: bool,
    rights: Option<Rights>,
}

#[derive(Deserialize)]
struct Rights {
    #[serde(default)]
    can_reply: bool,
}

impl Connected {
    pub(super) fn into_incoming(self, update_id: i64, kind: UpdateKind) -> Incoming {
        let what = What::BusinessConnection {
            id: self.id.clone(),
            user_chat_id: self.user_chat_id,
            enabled: self.is_enabled,
            can_reply: self.rights.is_some_and(|rights| rights.can_reply),
        };
        Incoming {
            at: self.date,
            business_connection_id: Some(self.id),
            ..outside(update_id, kind, self.user_chat_id, Some(self.user), what)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Deleted {
    business_connection_id: String,
    chat: wire::Chat,
    #[serde(default)]
    message_ids: Vec<i64>,
}

impl Deleted {
    pub(super) fn into_incoming(self, update_id: i64, kind: UpdateKind) -> Incoming {
        let what = What::BusinessDeleted { message_ids: self.message_ids };
        Incoming {
            business_connection_id: Some(self.business_connection_id),
            ..inside(update_id, kind, self.chat.into_ref(None), None, what)
        }
    }
}
