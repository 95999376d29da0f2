use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::Job;

/// The jobs that this process has taken and not yet ended: what fills its slots and needs its leases
/// renewed.
#[derive(Default)]
pub(crate) struct Held(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    jobs: HashMap<i64, Entry>,
    /// Kept free for jobs of transactions that are under way.
    reserved: usize,
}

struct Entry {
    key: String,
    lease: i32,
    run: Option<AbortHandle>,
    /// The run is over, how it ended is being written: whether the lease held is seen there.
    ended: bool,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many slots are taken.
    pub(crate) fn len(&self) -> usize {
        let slots = self.lock();
        slots.jobs.len() + slots.reserved
    }

    /// Keeps up to `wanted` slots free, as long as no more than `most` are taken; how many.
    pub(crate) fn reserve(&self, wanted: usize, most: usize) -> usize {
        let mut slots = self.lock();
        let free = most.saturating_sub(slots.jobs.len() + slots.reserved).min(wanted);
        slots.reserved += free;
        free
    }

    pub(crate) fn release(&self, seats: usize) {
        let mut slots = self.lock();
        slots.reserved = slots.reserved.saturating_sub(seats);
    }

    /// A job takes a slot that was reserved for it.
    pub(crate) fn sit_down(&self, job: &Job) {
        self.release(1);
        self.add(job);
    }

    /// To be called before the job's run is started, which may end at once. When the job was lost and taken
    /// again before that was seen, its earlier run is stopped.
    pub(crate) fn add(&self, job: &Job) {
        let entry = Entry { key: job.key.clone(), lease: job.lease, run: None, ended: false };
        if let Some(run) = self.lock().jobs.insert(job.id, entry).and_then(|earlier| earlier.run) {
            run.abort();
        }
    }

    pub(crate) fn running(&self, id: i64, lease: i32, run: AbortHandle) {
        if let Some(entry) = self.lock().jobs.get_mut(&id).filter(|entry| entry.lease == lease) {
            entry.run = Some(run);
        }
    }

    pub(crate) fn ended(&self, job: &Job) {
        if let Some(entry) = self.lock().jobs.get_mut(&job.id).filter(|entry| entry.lease == job.lease) {
            entry.ended = true;
        }
    }

    /// Forgets a job that has ended. `false` when it was not held under this lease any more.
    pub(crate) fn remove(&self, job: &Job) -> bool {
        let mut held = self.lock();
        let ours = held.jobs.get(&job.id).is_some_and(|entry| entry.lease == job.lease);
        if ours {
            held.jobs.remove(&job.id);
        }
        ours
    }

    /// Key, id and lease of every job held, in the order of their ids.
    pub(crate) fn leases(&self) -> Vec<(String, i64, i32)> {
        let mut leases: Vec<_> =
            self.lock().jobs.iter().map(|(id, entry)| (entry.key.clone(), *id, entry.lease)).collect();
        leases.sort_unstable_by_key(|(_, id, _)| *id);
        leases
    }

    /// Stops the run of a job whose lease was lost. `false` when it has ended by itself.
    pub(crate) fn lose(&self, id: i64, lease: i32) -> bool {
        let mut held = self.lock();
        if held.jobs.get(&id).is_none_or(|entry| entry.lease != lease || entry.ended) {
            return false;
        }
        if let Some(run) = held.jobs.remove(&id).and_then(|entry| entry.run) {
            run.abort();
        }
        true
    }
}
