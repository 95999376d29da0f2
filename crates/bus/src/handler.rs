use async_trait::async_trait;
use classify::Failure;
use pg::{AfterCommit, PgConnection};

use crate::Delivery;

/// Handles events in a transaction: state, outbox and jobs, nothing outside the service's own database. The
/// inbox mark is made by the runner in the same transaction, so a repeated event never arrives here.
#[async_trait]
pub trait BatchHandler: Send + Sync + 'static {
    /// Handles all of `batch` or fails as a whole. Events of one key stand in their order. If it fails, each
    /// event is tried alone, so that one bad event does not stop the others.
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure>;
}

/// Handles one event by calling the outside world, then commits what came of it.
#[async_trait]
pub trait WorkHandler: Send + Sync + 'static {
    type Done: Send + 'static;

    /// Calls the outside world; may take long, the runner tells the server that work goes on. It may be
    /// called again for the same event after a crash.
    async fn work(&self, event: &Delivery) -> Result<Self::Done, Failure>;

    /// Writes the result, in the transaction that marks the event as handled. Called again with the same result where
    /// the transaction failed over something that passes: what was called is not called again for it. So it leaves the
    /// result as it was.
    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        done: &mut Self::Done,
    ) -> Result<AfterCommit, Failure>;

    /// Writes what must be said when the event is given up, in the transaction of its dead letter.
    async fn give_up(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure>;
}
