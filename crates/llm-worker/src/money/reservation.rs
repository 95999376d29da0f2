//! A reservation in somebody's hand. Whatever becomes of that hand, the reservation is settled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ids::{Timestamp, Uuid};

use super::counter::Slot;
use super::queue::{Queue, Settlement, Step};
use super::who::{Scope, Who};

/// What is held for a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(crate) request_id: String,
    /// Millionths of a US dollar.
    pub(crate) micros: i64,
    /// 1 if it counts as a call, 0 for a question that was counted before.
    pub(crate) calls: i64,
    pub(crate) places: Vec<Place>,
    pub(crate) who: Who,
    /// The pseudonym; empty where no person asks.
    pub(crate) person: String,
    /// What is to be asked.
    pub(crate) model: String,
}

/// A window it is held in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) slot: Slot,
    pub(crate) since: Timestamp,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    /// Millionths of a US dollar.
    pub(crate) micros: i64,
    /// Whether a model was asked at all. If not, it does not count as a call.
    pub(crate) was_asked: bool,
    /// Whether the provider said what was used; else it is an estimate.
    pub(crate) is_reported: bool,
}

/// The answer to whoever wants to make a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    Reserved(Reservation),
    /// The question has its end already; nobody is to be asked.
    Ended,
    Refused(Refusal),
}

/// A limit that leaves no room for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) scope: Scope,
    pub(crate) resets_at: Timestamp,
    /// Whether a call that costs less may still fit: there are calls left, and too few dollars for this one.
    pub(crate) is_of_dollars: bool,
}

/// Money held for one call. Dropped without being settled, what is known of the call by then is what it has cost.
#[must_use = "a call is settled with what it came to"]
pub(crate) struct Reservation {
    held: Option<Box<Held>>,
    spent: Spent,
    queue: Arc<Queue>,
    /// A transaction has settled it.
    is_settled: Arc<AtomicBool>,
}

/// The end of a reservation by a transaction.
#[derive(Debug)]
pub(super) struct Settled(Arc<AtomicBool>);

impl Settled {
    /// The transaction is committed: nothing is left to be done when the reservation is dropped.
    pub(super) fn once_written(self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Reservation {
    pub(super) fn new(held: Held, queue: Arc<Queue>) -> Self {
        queue.hand_out();
        let spent = Spent { micros: 0, was_asked: false, is_reported: false };
        Self { held: Some(Box::new(held)), spent, queue, is_settled: Arc::default() }
    }

    /// The pseudonym; empty where no person asks.
    pub(crate) fn person(&self) -> &str {
        self.held.as_ref().map_or("", |held| &held.person)
    }

    /// What the call has come to by now, should nothing more be heard of it.
    pub(crate) const fn spends(&mut self, spent: Spent) {
        self.spent = spent;
    }

    pub(super) fn held(&self) -> Option<&Held> {
        self.held.as_deref()
    }

    /// For a transaction that settles it.
    pub(super) fn end(&self) -> Settled {
        Settled(self.is_settled.clone())
    }

    /// It has been settled, or is about to be by whoever takes it.
    pub(super) fn take(&mut self) -> Option<Held> {
        let held = self.held.take();
        if held.is_some() {
            self.queue.take_back();
        }
        held.map(|held| *held)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            if !self.is_settled.load(Ordering::Acquire) {
                let settlement = Settlement::cancelled(*held, self.spent);
                self.queue.put(Step::Settle(Box::new(settlement), None));
            }
            self.queue.take_back();
        }
    }
}

impl std::fmt::Debug for Reservation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reservation")
            .field("held", &self.held)
            .field("spent", &self.spent)
            .finish_non_exhaustive()
    }
}
