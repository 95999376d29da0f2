use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What was asked for is done, and the connection is cut before the answer.
    DoneAndCut,
    /// The connection is cut, and nothing is done.
    Cut,
    /// The connection is cut, and what was asked for is done so long after that.
    CutAndDone(Duration),
    /// What was asked for is done, and the answer comes after so long.
    DoneAndSlow(Duration),
    /// This status, with the body that the CRM has for it, and nothing is done.
    Status(u16),
    /// A page of a proxy or of maintenance with this status, and nothing is done.
    Page(u16),
    /// The call's access token is over from now on.
    Expired,
}

/// The troubles to come: for the next calls that write, for the next that read.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    writes: VecDeque<Option<Trouble>>,
    reads: VecDeque<Option<Trouble>>,
}

impl Faults {
    /// The next calls that write meet these; `None` lets one through.
    pub fn writes(&self, troubles: impl IntoIterator<Item = Option<Trouble>>) {
        self.inner(|inner| inner.writes.extend(troubles));
    }

    /// The same for those that read.
    pub fn reads(&self, troubles: impl IntoIterator<Item = Option<Trouble>>) {
        self.inner(|inner| inner.reads.extend(troubles));
    }

    /// What happens to this call.
    #[must_use]
    pub fn next(&self, writes: bool) -> Option<Trouble> {
        self.inner(|inner| if writes { &mut inner.writes } else { &mut inner.reads }.pop_front().flatten())
    }

    fn inner<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Ends the task that holds the connection, without a word.
pub(super) fn cut() -> ! {
    std::panic::resume_unwind(Box::new("the connection is cut"))
}
