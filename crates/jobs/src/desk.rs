use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use crate::held::Held;
use crate::{Job, Limit, QueueSpec};

/// What a job's call counts against ([`crate::JobHandler::limits`]).
pub(crate) type Limits = dyn Fn(&Job) -> Vec<Limit> + Send + Sync;

/// Where a queue that is at work takes jobs that begin with the transaction that enqueues them, without being
/// looked for.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) spec: QueueSpec,
    pub(crate) limits: Arc<Limits>,
    pub(crate) held: Arc<Held>,
    pub(crate) arrivals: UnboundedSender<Job>,
}

impl Desk {
    /// Up to `wanted` seats. None when three quarters of the queue's slots are taken: the rest belongs to
    /// those that wait, the oldest first.
    pub(crate) fn seats(&self, wanted: usize) -> Seats {
        let free = self.held.reserve(wanted, self.spec.concurrency - self.spec.concurrency / 4);
        Seats { desk: self.clone(), free }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("queue", &self.spec.name).finish_non_exhaustive()
    }
}

/// Slots of a queue kept free for jobs of a transaction that is under way; given back when it is dropped.
/// The queue does not end while there are any.
#[derive(Debug)]
pub(crate) struct Seats {
    pub(crate) desk: Desk,
    pub(crate) free: usize,
}

impl Seats {
    /// The transaction is committed, and the job running in the database: now it runs here.
    pub(crate) fn begin(&mut self, job: Job) {
        debug_assert!(self.free > 0, "a job begins without a seat");
        self.free = self.free.saturating_sub(1);
        self.desk.held.sit_down(&job);
        // A queue that is gone has left the job to its lease.
        let _ = self.desk.arrivals.send(job);
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        self.desk.held.release(self.free);
    }
}
