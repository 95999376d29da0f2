use std::sync::Arc;

use tokio::sync::Notify;

/// Tells whoever waits for rows that a commit may have brought some, so that nobody has to poll quickly.
/// A wake that nobody waits for is kept for the next who does; several count as one.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
