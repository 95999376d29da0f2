use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::post::Post;
use super::questions;

/// The chats' ids begin here, so do the ids of their people.
pub(super) const FIRST_CHAT: i64 = 700_000;
const FIRST_UPDATE: i64 = 40_000_000;

/// One question on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// When Telegram first delivered it.
    pub(super) delivered: Instant,
    /// When the webhook had answered 200.
    pub(super) accepted: Instant,
}

/// The people who ask, and what each has asked so far.
#[derive(Debug)]
pub(super) struct Chats {
    pub(super) post: Post,
    asked: Mutex<Vec<Vec<Asked>>>,
}

impl Chats {
    pub(super) fn new(chats: usize, gateway: &str) -> Arc<Self> {
        Arc::new(Self { post: Post::new(gateway), asked: Mutex::new(vec![Vec::new(); chats]) })
    }

    fn size(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(super) fn of_all(&self) -> Vec<Vec<Asked>> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap().iter().map(Vec::len).sum()
    }

    /// Everybody asks `each` more questions, the next one of a chat `pace` after the one before was accepted,
    /// and each delivered by `copies` at once. The chats begin one after the other within the first `pace`, so
    /// that there is something under way at any moment. Ends when all are accepted.
    pub(super) fn ask(self: &Arc<Self>, each: usize, pace: Duration, copies: usize) -> JoinSet<()> {
        let mut asking = JoinSet::new();
        for (chat, before) in self.of_all().iter().map(Vec::len).enumerate() {
            let chats = Arc::clone(self);
            asking.spawn(async move {
                tokio::time::sleep(pace.mul_f64(chat as f64 / chats.size() as f64)).await;
                for nth in before..before + each {
                    let delivered = Instant::now();
                    let accepted = chats.deliver(chat, nth, copies).await;
                    chats.asked.lock().unwrap()[chat].push(Asked { delivered, accepted });
                    tokio::time::sleep(pace).await;
                }
            });
        }
        asking
    }

    /// Delivers again all that was accepted long ago.
    pub(super) async fn repeat_all(self: &Arc<Self>) {
        let mut repeating = JoinSet::new();
        for (chat, count) in self.of_all().iter().map(Vec::len).enumerate() {
            let chats = Arc::clone(self);
            repeating.spawn(async move {
                for nth in 0..count {
                    chats.deliver(chat, nth, 1).await;
                }
            });
        }
        repeating.join_all().await;
    }

    /// Until every copy is accepted; returns when the first was.
    async fn deliver(self: &Arc<Self>, chat: usize, nth: usize, copies: usize) -> Instant {
        let update_id = FIRST_UPDATE + i64::try_from(nth * self.size() + chat).unwrap();
        let chat_id = FIRST_CHAT + i64::try_from(chat).unwrap();
        let text = questions::text(questions::number(chat, nth));
        let mut delivering = JoinSet::new();
        for _ in 0..copies {
            let chats = Arc::clone(self);
            delivering.spawn(async move { chats.post.deliver(update_id, chat_id, nth, text).await });
        }
        delivering.join_all().await.into_iter().min().unwrap()
    }
}
