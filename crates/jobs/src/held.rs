use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::Job;

/// The jobs that this process has taken and not yet ended: what fills its slots and needs its leases
/// renewed.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<i64, Entry>>);

struct Entry {
    key: String,
    lease: i32,
    run: Option<AbortHandle>,
    /// The run is over, how it ended is being written: whether the lease held is seen there.
    ended: bool,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// To be called before the job's run is started, which may end at once. When the job was lost and taken
    /// again before that was seen, its earlier run is stopped.
    pub(crate) fn add(&self, job: &Job) {
        let entry = Entry { key: job.key.clone(), lease: job.lease, run: None, ended: false };
        if let Some(run) = self.lock().insert(job.id, entry).and_then(|earlier| earlier.run) {
            run.abort();
        }
    }

    pub(crate) fn running(&self, id: i64, lease: i32, run: AbortHandle) {
        if let Some(entry) = self.lock().get_mut(&id).filter(|entry| entry.lease == lease) {
            entry.run = Some(run);
        }
    }

    pub(crate) fn ended(&self, job: &Job) {
        if let Some(entry) = self.lock().get_mut(&job.id).filter(|entry| entry.lease == job.lease) {
            entry.ended = true;
        }
    }

    /// Forgets a job that has ended. `false` when it was not held under this lease any more.
    pub(crate) fn remove(&self, job: &Job) -> bool {
        let mut held = self.lock();
        let ours = held.get(&job.id).is_some_and(|entry| entry.lease == job.lease);
        if ours {
            held.remove(&job.id);
        }
        ours
    }

    /// Key, id and lease of every job held.
    pub(crate) fn leases(&self) -> Vec<(String, i64, i32)> {
        self.lock().iter().map(|(id, entry)| (entry.key.clone(), *id, entry.lease)).collect()
    }

    /// Stops the run of a job whose lease was lost. `false` when it has ended by itself.
    pub(crate) fn lose(&self, id: i64, lease: i32) -> bool {
        let mut held = self.lock();
        if held.get(&id).is_none_or(|entry| entry.lease != lease || entry.ended) {
            return false;
        }
        if let Some(run) = held.remove(&id).and_then(|entry| entry.run) {
            run.abort();
        }
        true
    }
}
