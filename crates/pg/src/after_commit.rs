use std::fmt;

use crate::Wake;

/// What is to happen once a transaction is committed: whoever waits for its rows is woken, jobs that it started
/// begin. If the transaction is not committed this is dropped, and whatever was made ready is taken back.
#[derive(Default)]
#[must_use = "run it after the commit, or nobody is told of what was written until the next poll"]
pub struct AfterCommit(Vec<Box<dyn FnOnce() + Send>>);

impl AfterCommit {
    /// For a transaction that nobody waits for.
    pub fn nothing() -> Self {
        Self::default()
    }

    pub fn wake(wake: &Wake) -> Self {
        let wake = wake.clone();
        Self::then(move || wake.wake())
    }

    /// `act` must neither block nor fail.
    pub fn then(act: impl FnOnce() + Send + 'static) -> Self {
        Self(vec![Box::new(act)])
    }

    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// To be called when the commit has been acknowledged.
    pub fn run(self) {
        for act in self.0 {
            act();
        }
    }
}

impl fmt::Debug for AfterCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AfterCommit({})", self.0.len())
    }
}
