//! What is happening, for the pages that watch.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;

use super::ChatKey;

/// Something that everybody in a chat can see (or only `only`, if it says so).
#[derive(Clone, Debug)]
pub(crate) struct LiveEvent {
    pub(crate) key: ChatKey,
    pub(crate) only: Option<i64>,
    /// The JSON of the event, without the chat.
    pub(crate) body: Value,
}

#[derive(Debug)]
pub(crate) struct Live {
    sender: broadcast::Sender<Arc<LiveEvent>>,
}

impl Live {
    /// A watcher that is this many events behind is told to load everything anew.
    const CAPACITY: usize = 1024;

    pub(crate) fn new() -> Self {
        Self { sender: broadcast::channel(Self::CAPACITY).0 }
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.sender.subscribe()
    }

    /// Costs nothing while nobody watches.
    pub(crate) fn tell<T: Serialize>(&self, key: ChatKey, kind: &str, name: &str, what: impl FnOnce() -> T) {
        self.send(key, None, kind, name, what);
    }

    /// Tells everybody that a bot changed what it says about itself.
    pub(crate) fn profile(&self, bot: i64) {
        self.tell(ChatKey { bot, chat: 0 }, "profile", "bot", || bot);
    }

    /// Tells one person only.
    pub(crate) fn whisper<T: Serialize>(&self, key: ChatKey, person: i64, kind: &str, name: &str, what: T) {
        self.send(key, Some(person), kind, name, || what);
    }

    fn send<T: Serialize>(
        &self,
        key: ChatKey,
        only: Option<i64>,
        kind: &str,
        name: &str,
        what: impl FnOnce() -> T,
    ) {
        if self.sender.receiver_count() == 0 {
            return;
        }
        let value = serde_json::to_value(what()).unwrap_or_default();
        let body = serde_json::json!({ "type": kind, name: value });
        // Nobody left to hear it is not a failure.
        let _ = self.sender.send(Arc::new(LiveEvent { key, only, body }));
    }
}
