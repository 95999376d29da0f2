//! Whether a process lives and whether it is ready: `/health/live` and `/health/ready`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type CheckFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// One condition of being ready.
#[derive(Clone)]
pub struct Check {
    pub(crate) name: &'static str,
    run: Arc<dyn Fn() -> CheckFuture + Send + Sync>,
}

impl Check {
    /// `run` answers within a second or so and is asked about once a second at most. The error is a few words
    /// for the log; the page shows that the check failed and not why, since strangers may read it.
    pub fn new<F, Fut>(name: &'static str, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, run: Arc::new(move || Box::pin(run())) }
    }

    pub(crate) fn start(&self) -> CheckFuture {
        (self.run)()
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).finish_non_exhaustive()
    }
}
