use std::future::Future;
use std::panic::AssertUnwindSafe;

use classify::{Class, Failure};
use futures::FutureExt;

/// A handler that panics has failed for good at this event, and at this event only.
pub(super) async fn caught<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(Class::Permanent, "the handler panicked")),
    }
}

/// The same for a transaction, which may also never end: then its connection is given up, not waited for.
pub(super) fn in_time<T>(
    transaction: impl Future<Output = Result<T, Failure>> + Send,
) -> impl Future<Output = Result<T, Failure>> + Send {
    pg::in_time(caught(transaction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_permanent_failure() {
        let failed = caught::<()>(async { panic!("at this event") }).await.unwrap_err();
        assert_eq!(failed.class(), Class::Permanent);
    }
}
