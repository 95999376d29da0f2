//! The signals that ask a process to stop.

use futures::future::{FutureExt, pending, select_all};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM (an orchestrator) and SIGINT (Ctrl-C). From here on neither kills the process.
pub(super) struct Signals(Vec<Signal>);

impl Signals {
    pub(super) fn listen() -> Self {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
        let listen = |kind| match signal(kind) {
            Ok(signal) => Some(signal),
            Err(error) => {
                tracing::error!(%error, ?kind, "a signal can not be listened for; it will kill the process");
                None
            }
        };
        Self(kinds.into_iter().filter_map(listen).collect())
    }

    /// The next of them.
    pub(super) async fn next(&mut self) {
        if self.0.is_empty() {
            return pending().await;
        }
        select_all(self.0.iter_mut().map(|signal| signal.recv().boxed())).await;
    }
}
