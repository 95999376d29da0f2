use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the queues of this process that a commit may have brought them jobs. Several tellings count as
/// one; one that comes while the queue works is kept.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Mutex<HashMap<String, pg::Wake>>>);

impl Wake {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// To be called after the commit. A queue that this process does not run may be named; nothing happens.
    pub fn wake(&self, queue: &str) {
        self.of(queue).wake();
    }

    /// The handle of one queue, to keep.
    #[must_use]
    pub fn of(&self, queue: &str) -> pg::Wake {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = queues.get(queue) {
            return handle.clone();
        }
        queues.entry(queue.to_owned()).or_default().clone()
    }
}
