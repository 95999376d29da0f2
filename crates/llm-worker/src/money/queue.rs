//! Who waits for the next transaction. While one is under way, whoever comes joins the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use classify::Failure;
use ids::Uuid;
use tokio::sync::{Notify, oneshot};

use super::reservation::{Held, Refusal, Spent, Verdict};
use super::who::Who;
use crate::store::ledger::Entry;

/// One transaction takes no more; what is left waits for the one after it.
const MOST: usize = 256;

/// A call that somebody wants to make.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) id: Uuid,
    pub(crate) request_id: String,
    pub(crate) who: Who,
    pub(crate) model: String,
    /// At most, in millionths of a US dollar.
    pub(crate) micros: i64,
    pub(crate) calls: i64,
}

/// The end of a call.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) held: Held,
    pub(crate) spent: Spent,
    pub(crate) row: Row,
}

/// What is written into the ledger with it.
#[derive(Clone, Debug)]
pub(crate) enum Row {
    /// Whoever settles writes the question's row.
    None,
    /// The question's row.
    Of(Box<Entry>),
    /// A row of the call's own: nobody was left to end the question ("cancelled"), or its worker died ("lost").
    Own(&'static str),
}

impl Settlement {
    /// Whoever made the call is gone; what was known of it is what it has cost.
    pub(crate) const fn cancelled(held: Held, spent: Spent) -> Self {
        let row = if spent.was_asked { Row::Own("cancelled") } else { Row::None };
        Self { held, spent, row }
    }

    /// The worker that made the call is gone; nobody knows what it has cost, so it is all that was held.
    pub(crate) const fn lost(held: Held) -> Self {
        let spent = Spent { micros: held.micros, was_asked: true, is_reported: false };
        Self { held, spent, row: Row::Own("lost") }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Held(Box<Held>),
    Ended,
    Refused(Refusal),
}

/// Whether the settlement's row was the question's first.
pub(crate) type Settled = Result<bool, Failure>;

#[derive(Debug)]
pub(crate) enum Step {
    Reserve(Box<Ask>, oneshot::Sender<Result<Verdict, Failure>>),
    Settle(Box<Settlement>, Option<oneshot::Sender<Settled>>),
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    steps: Mutex<Vec<Step>>,
    came: Notify,
}

impl Queue {
    pub(crate) fn put(&self, step: Step) {
        self.steps().push(step);
        self.came.notify_one();
    }

    /// What waits, in the order it came; waits where there is nothing.
    pub(super) async fn next(&self) -> Vec<Step> {
        loop {
            if let Some(steps) = self.take() {
                return steps;
            }
            self.came.notified().await;
        }
    }

    pub(super) fn take(&self) -> Option<Vec<Step>> {
        let mut steps = self.steps();
        let most = steps.len().min(MOST);
        (most > 0).then(|| steps.drain(..most).collect())
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
