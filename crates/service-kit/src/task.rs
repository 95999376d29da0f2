//! A piece of background work of a role: what it is called, how it is made, and what its end means.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use classify::Failure;
use tokio_util::sync::CancellationToken;

pub(crate) type TaskFuture = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Factory = Arc<dyn Fn(CancellationToken) -> TaskFuture + Send + Sync>;

/// What a failure (or panic) of a task means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It is logged, and the task is started again after a growing pause.
    Log,
    /// The process is useless without it: it stops, and says so by its exit code.
    Shutdown,
}

/// Background work. The future is made anew for each attempt and is told by the token when to stop.
#[derive(Clone)]
pub struct Task {
    pub(crate) name: &'static str,
    pub(crate) on_error: OnError,
    /// Returning `Ok` is the end of it, not a reason to start it again.
    pub(crate) once: bool,
    factory: Factory,
}

impl Task {
    /// Work that goes on until the token is cancelled. When it fails, panics or returns earlier, it is
    /// started again after a pause.
    pub fn new<F, Fut>(name: &'static str, make: F) -> Self
    where
        F: Fn(CancellationToken) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self {
            name,
            on_error: OnError::Log,
            once: false,
            factory: Arc::new(move |stop| Box::pin(make(stop))),
        }
    }

    /// Work that is done when it returns `Ok` (a registration, a backfill). When it fails it is tried again.
    pub fn once<F, Fut>(name: &'static str, make: F) -> Self
    where
        F: Fn(CancellationToken) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self { once: true, ..Self::new(name, make) }
    }

    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    pub(crate) fn make(&self, stop: CancellationToken) -> TaskFuture {
        (self.factory)(stop)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.name)
            .field("on_error", &self.on_error)
            .field("once", &self.once)
            .finish_non_exhaustive()
    }
}
