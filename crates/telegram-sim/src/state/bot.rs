//! A bot: who it is, what it set about itself, and what waits for it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64};

use serde_json::Value;
use tokio::sync::Notify;

use super::UpdateQueue;
use super::callbacks::Callbacks;
use super::inline::InlineQueries;
use crate::limits::Buckets;
use crate::model::User;
use crate::webhook::Webhook;

/// Whom a command list is for: the scope and the language, as text.
pub(crate) type CommandScope = (String, String);

#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) id: i64,
    /// How the operator calls it; the username is derived from it.
    pub(crate) name: String,
    pub(crate) username: String,
    pub(crate) privacy: AtomicBool,
    pub(crate) private_topics: AtomicBool,
    pub(crate) profile: Mutex<Profile>,
    pub(crate) updates: Mutex<UpdateQueue>,
    /// Wakes the long poll and the webhook's workers.
    pub(crate) poll_wake: Notify,
    pub(crate) webhook_wake: Notify,
    pub(crate) webhook: Mutex<Option<Webhook>>,
    pub(crate) callbacks: Mutex<Callbacks>,
    pub(crate) inline: Mutex<InlineQueries>,
    pub(crate) buckets: Mutex<Buckets>,
    /// Message ids where no chat is kept (lean).
    pub(crate) lean_message_id: AtomicI64,
}

/// What a bot says about itself. Keys of the maps are language codes, `""` for everyone.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) name: BTreeMap<String, String>,
    pub(crate) description: BTreeMap<String, String>,
    pub(crate) short_description: BTreeMap<String, String>,
    pub(crate) commands: BTreeMap<CommandScope, Vec<Value>>,
}

impl Bot {
    /// The bot as a member of chats and author of messages.
    pub(crate) fn user(&self) -> User {
        let set = crate::sync::lock(&self.profile).name.get("").cloned();
        User {
            id: self.id,
            is_bot: true,
            first_name: set.filter(|name| !name.is_empty()).unwrap_or_else(|| title(&self.name)),
            last_name: None,
            username: Some(self.username.clone()),
            language_code: None,
        }
    }
}

/// `dev2production` is shown as `Dev2production`.
fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
