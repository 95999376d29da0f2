use std::sync::{Arc, Mutex};
use std::time::Instant;

use telegram_sim::{CallSeen, Observer};

use super::questions;

/// One message that Telegram took.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The question that it answers, or the words where it answers none.
    pub(super) question: Result<usize, String>,
    pub(super) at: Instant,
}

/// What the bot said, by chat and in the order in which Telegram took it.
#[derive(Debug)]
pub(super) struct Answers(Mutex<Vec<Vec<Answer>>>);

impl Answers {
    pub(super) fn new(chats: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(vec![Vec::new(); chats])))
    }

    /// Sees every call, those too whose answer Telegram "lost".
    pub(super) fn observer(self: &Arc<Self>, first_chat: i64) -> Observer {
        let answers = Arc::clone(self);
        Arc::new(move |call: &CallSeen<'_>| {
            if call.method != "sendMessage" || !call.ok {
                return;
            }
            let chat = call.chat_id.and_then(|id| usize::try_from(id - first_chat).ok());
            let text = call.text.unwrap_or_default();
            let question = questions::answered_by(text).ok_or_else(|| text.to_owned());
            let mut all = answers.0.lock().unwrap();
            if let Some(of_chat) = chat.and_then(|chat| all.get_mut(chat)) {
                of_chat.push(Answer { question, at: call.at });
            }
        })
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().iter().map(Vec::len).sum()
    }

    pub(super) fn of_all(&self) -> Vec<Vec<Answer>> {
        self.0.lock().unwrap().clone()
    }

    /// Takes them out; the next ones are of another time.
    pub(super) fn take(&self) -> Vec<Vec<Answer>> {
        self.0.lock().unwrap().iter_mut().map(std::mem::take).collect()
    }
}
