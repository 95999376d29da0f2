//! The people: each in a chat of their own, who write a line that the FAQ answers and wait for the answer.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

/// Chats of the run are numbered from here.
const FIRST_CHAT: i64 = 10_000;

/// Chats that people write in, again and again.
pub(crate) const CHATS: usize = 2048;

/// Chats that are written to once each, before and while the program is killed.
pub(crate) const ONCE: usize = 200_000;

/// What the generator and the simulator's observer share.
pub(crate) struct People {
    waiting: Vec<Mutex<Option<oneshot::Sender<Instant>>>>,
    /// Answers to each chat; those behind `waiting` are written to once.
    heard: Vec<AtomicU32>,
    answers: AtomicU64,
    update_id: AtomicI64,
    message_id: AtomicI64,
}

impl People {
    /// `chats` people who talk, and `once` more who will write one time.
    pub(crate) fn new(chats: usize, once: usize, first_update_id: i64) -> Arc<Self> {
        Arc::new(Self {
            waiting: (0..chats).map(|_| Mutex::new(None)).collect(),
            heard: (0..chats + once).map(|_| AtomicU32::new(0)).collect(),
            answers: AtomicU64::new(0),
            update_id: AtomicI64::new(first_update_id),
            message_id: AtomicI64::new(1),
        })
    }

    /// The simulator saw a message to this chat.
    pub(crate) fn answered(&self, chat: i64, at: Instant) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        let Ok(place) = usize::try_from(chat - FIRST_CHAT) else { return };
        if let Some(heard) = self.heard.get(place) {
            heard.fetch_add(1, Ordering::Relaxed);
        }
        let Some(slot) = self.waiting.get(place) else {
            return;
        };
        if let Some(waiter) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = waiter.send(at);
        }
    }

    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// How many answers this chat has had.
    pub(crate) fn heard(&self, chat: usize) -> u32 {
        self.heard.get(chat).map_or(0, |heard| heard.load(Ordering::Relaxed))
    }

    /// Every chat there is, also those that are written to once.
    pub(crate) fn all_chats(&self) -> usize {
        self.heard.len()
    }

    pub(crate) fn chats(&self) -> usize {
        self.waiting.len()
    }

    /// Waits for the next answer to this chat.
    pub(crate) fn expect(&self, chat: usize) -> oneshot::Receiver<Instant> {
        let (sender, receiver) = oneshot::channel();
        if let Some(slot) = self.waiting.get(chat) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        }
        receiver
    }

    /// What Telegram would post when this chat writes the line.
    pub(crate) fn update(&self, chat: usize) -> String {
        self.says(chat, "What services do you offer?")
    }

    /// The same with other words, which hold nothing that JSON escapes.
    pub(crate) fn says(&self, chat: usize, text: &str) -> String {
        let id = self.update_id.fetch_add(1, Ordering::Relaxed);
        let message = self.message_id.fetch_add(1, Ordering::Relaxed);
        let chat = FIRST_CHAT + i64::try_from(chat).unwrap_or(0);
        format!(
            r#"{{"update_id":{id},"message":{{"message_id":{message},"from":{{"id":{chat},"is_bot":false,"first_name":"Ann","language_code":"en"}},"chat":{{"id":{chat},"first_name":"Ann","type":"private"}},"date":1790000000,"text":"{text}"}}}}"#
        )
    }
}
