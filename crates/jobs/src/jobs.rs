use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::WeakUnboundedSender;

use crate::Job;
use crate::desk::Desk;

/// The queues of a service as the transactions of this process see them: where jobs are enqueued, and who is
/// told of them.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    wake: pg::Wake,
    /// There while this process works the queue off.
    desk: Option<Desk>,
}

impl Jobs {
    fn queues(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What wakes the claimer of a queue. One that this process does not run may be named; nothing happens.
    #[must_use]
    pub(crate) fn wake_of(&self, queue: &str) -> pg::Wake {
        let mut queues = self.queues();
        if let Some(entry) = queues.get(queue) {
            return entry.wake.clone();
        }
        queues.entry(queue.to_owned()).or_default().wake.clone()
    }

    /// None where this process does not work the queue off, or no more.
    pub(crate) fn desk_of(&self, queue: &str) -> Option<Desk> {
        let desk = self.queues().get(queue)?.desk.clone()?;
        (!desk.arrivals.is_closed()).then_some(desk)
    }

    /// From now on jobs of this queue may begin by their own transaction, until [`Open`] is dropped; then only
    /// those still do that have a seat.
    pub(crate) fn open(&self, desk: Desk) -> Open {
        let arrivals = desk.arrivals.clone();
        let queue = desk.spec.name;
        self.queues().entry(queue.to_owned()).or_default().desk = Some(desk);
        Open { jobs: self.clone(), queue, arrivals: arrivals.downgrade() }
    }
}

/// A queue's desk is open.
pub(crate) struct Open {
    jobs: Jobs,
    queue: &'static str,
    arrivals: WeakUnboundedSender<Job>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut queues = self.jobs.queues();
        let Some(entry) = queues.get_mut(self.queue) else { return };
        // Another one may have been opened meanwhile.
        let ours = |desk: &Desk| {
            self.arrivals.upgrade().is_some_and(|arrivals| arrivals.same_channel(&desk.arrivals))
        };
        if entry.desk.as_ref().is_some_and(ours) {
            entry.desk = None;
        }
    }
}
