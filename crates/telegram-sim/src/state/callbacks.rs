//! Buttons that were pressed and wait for `answerCallbackQuery`.

use std::collections::{BTreeMap, HashMap};

/// A pressed button.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) person: i64,
    /// Milliseconds since the epoch.
    pub(crate) at_ms: i64,
    pub(crate) answer: Option<Answer>,
}

/// What the bot answered.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) show_alert: bool,
    pub(crate) url: String,
}

/// The newest presses of one bot's buttons.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    known: HashMap<String, Callback>,
    order: BTreeMap<u64, String>,
    next: u64,
}

impl Callbacks {
    const KEPT: usize = 10_000;

    pub(crate) fn add(&mut self, id: &str, person: i64, at_ms: i64) {
        if self.order.len() >= Self::KEPT
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
        if self.known.insert(id.to_owned(), Callback { person, at_ms, answer: None }).is_none() {
            self.order.insert(self.next, id.to_owned());
            self.next += 1;
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Callback> {
        self.known.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Callback> {
        self.known.get_mut(id)
    }
}
