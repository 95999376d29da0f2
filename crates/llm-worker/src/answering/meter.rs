//! What is seen of a call while it is made, for whoever pays for it: should it be cancelled in the middle, what was
//! written by then is known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::answer::Usage;

/// One call's, shared by who makes it and who pays for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<Mutex<Seen>>);

/// What has been seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Of the answer, thoughts and calls of tools included.
    pub(super) bytes: usize,
    /// As the provider told it last.
    pub(super) usage: Usage,
    /// The answer is whole: the usage is that of all of it.
    pub(super) is_whole: bool,
    /// Calls made until the answer began; 0 before.
    pub(super) attempts: u32,
    /// What those that were given up had used.
    pub(super) lost: Usage,
}

impl Meter {
    pub(super) fn opened(&self, attempts: u32, lost: Usage) {
        let mut seen = self.lock();
        (seen.attempts, seen.lost) = (attempts, lost);
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.lock().bytes += bytes;
    }

    pub(super) fn used(&self, usage: Usage) {
        self.lock().usage = usage;
    }

    pub(super) fn ends(&self) {
        self.lock().is_whole = true;
    }

    pub(super) fn seen(&self) -> Seen {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
