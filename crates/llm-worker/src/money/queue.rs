//! Who waits for the next transaction. While one is under way, whoever comes joins the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use classify::Failure;
use ids::Uuid;
use tokio::sync::{Notify, oneshot};

use super::reservation::{Held, Refusal, Spent, Verdict};
use super::who::Who;
use crate::domain::answer::Usage;
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
    /// Whether another model is asked where this one is too dear.
    pub(crate) has_others: bool,
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
    /// A row of the call's own: another model, or none, had the last word.
    Tried(Box<Tried>),
    /// A row of the call's own: nobody was left to end the question ("cancelled"), or its worker died ("lost").
    Own(&'static str),
}

/// What is known of a call beside what it has cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tried {
    pub(crate) provider: String,
    /// As the provider calls it, where it said so.
    pub(crate) model: String,
    /// What came of it: "short", "timed_out".
    pub(crate) word: String,
    pub(crate) usage: Usage,
    pub(crate) attempts: u32,
    pub(crate) finish: &'static str,
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
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    steps: Vec<Step>,
    /// Reservations in somebody's hand, whose ends are still to come.
    in_hand: usize,
    /// Nobody works it off any more.
    is_closed: bool,
}

impl Queue {
    /// Where nobody works it off any more, whoever waits for the step hears so.
    pub(crate) fn put(&self, step: Step) {
        let mut waiting = self.waiting();
        if !waiting.is_closed {
            waiting.steps.push(step);
        }
        drop(waiting);
        self.came.notify_one();
    }

    pub(super) fn hand_out(&self) {
        self.waiting().in_hand += 1;
    }

    pub(super) fn take_back(&self) {
        let mut waiting = self.waiting();
        waiting.in_hand = waiting.in_hand.saturating_sub(1);
        drop(waiting);
        self.came.notify_one();
    }

    /// Opens it, where it was closed before.
    pub(super) fn open(&self) {
        self.waiting().is_closed = false;
    }

    /// What waits, in the order it came; waits where there is nothing.
    pub(super) async fn next(&self) -> Vec<Step> {
        loop {
            if let Some(steps) = self.waiting().take() {
                return steps;
            }
            self.came.notified().await;
        }
    }

    /// The same for a worker that is going down: closes it when nothing waits and no end is still to come.
    pub(super) async fn last(&self) -> Option<Vec<Step>> {
        loop {
            {
                let mut waiting = self.waiting();
                let steps = waiting.take();
                if steps.is_some() {
                    return steps;
                }
                if waiting.in_hand == 0 {
                    waiting.is_closed = true;
                    return None;
                }
            }
            self.came.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Vec<Step>> {
        let most = self.steps.len().min(MOST);
        (most > 0).then(|| self.steps.drain(..most).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;

    use super::super::reservation::Reservation;
    use super::*;

    #[tokio::test]
    async fn it_closes_when_every_reservation_has_come_back_and_tells_whoever_comes_after() {
        let queue = Arc::new(Queue::default());
        let reservation = Reservation::new(Held::default(), queue.clone());
        assert!(queue.last().now_or_never().is_none(), "it closed over a reservation");
        drop(reservation);
        let left = queue.last().now_or_never().flatten();
        assert!(matches!(left.as_deref(), Some([Step::Settle(_, None)])));
        assert!(queue.last().now_or_never().is_some_and(|left| left.is_none()));
        let (answer, heard) = oneshot::channel();
        let ask = Ask {
            id: Uuid::nil(),
            request_id: String::new(),
            who: Who::default(),
            model: String::new(),
            micros: 0,
            calls: 1,
            has_others: false,
        };
        queue.put(Step::Reserve(Box::new(ask), answer));
        assert!(heard.await.is_err());
    }
}
