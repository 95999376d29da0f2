use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use classify::{Class, Failure};
use futures::FutureExt;

/// Longer than any statement may run on the server (`pg::connect`): what has not ended by then waits for a
/// machine that is gone.
pub(super) const TRANSACTION: Duration = Duration::from_secs(30);

/// A handler that panics has failed for good at this event, and at this event only.
pub(super) async fn caught<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(Class::Permanent, "the handler panicked")),
    }
}

/// The same for a transaction, which may also never end: then its connection is given up, not waited for.
pub(super) async fn in_time<T>(transaction: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(TRANSACTION, caught(transaction)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(Class::Transient, "the database did not answer in time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_permanent_failure() {
        let failed = caught::<()>(async { panic!("at this event") }).await.unwrap_err();
        assert_eq!(failed.class(), Class::Permanent);
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_is_gone_is_not_waited_for() {
        let failed = in_time::<()>(std::future::pending()).await.unwrap_err();
        assert_eq!(failed.class(), Class::Transient);
    }
}
