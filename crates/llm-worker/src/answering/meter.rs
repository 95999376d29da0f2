//! What is seen of a call while it is made, for whoever pays for it: should it be cancelled in the middle, what was
//! written by then is known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::domain::answer::Usage;
use crate::providers::{Finish, Tries};

/// One call's, shared by who makes it and who pays for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Seen>>);

/// What has been seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Of the answer, thoughts and calls of tools included.
    pub(crate) bytes: usize,
    /// As the provider told it last.
    pub(crate) usage: Usage,
    /// How it ended. Then the usage is that of all of it.
    pub(crate) finish: Option<Finish>,
    pub(crate) tries: Tries,
    /// When the first of it came.
    pub(crate) first_at: Option<Instant>,
}

impl Meter {
    /// A call is about to be made, or was given up.
    pub(crate) fn tries(&self, tries: Tries) {
        self.lock().tries = tries;
    }

    pub(crate) fn wrote(&self, bytes: usize) {
        let mut seen = self.lock();
        seen.bytes += bytes;
        seen.first_at.get_or_insert_with(Instant::now);
    }

    pub(crate) fn used(&self, usage: Usage) {
        self.lock().usage = usage;
    }

    pub(crate) fn ends(&self, finish: Finish) {
        self.lock().finish = Some(finish);
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// From `since` to the first of the answer. Milliseconds.
    pub(crate) fn first_token_ms(&self, since: Instant) -> Option<i64> {
        let waited = self.first_at?.saturating_duration_since(since);
        Some(i64::try_from(waited.as_millis()).unwrap_or(i64::MAX))
    }

    /// As the provider says it; empty where it does not.
    pub(crate) fn finish_word(&self) -> &'static str {
        self.finish.map_or("", Finish::word)
    }
}
