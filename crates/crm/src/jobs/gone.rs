//! What was erased while its job ran. Its next step finds no delivery to be noted with, which the database refuses; that is
//! no mistake, and nothing of it is to be kept, no dead letter either.

use classify::Failure;
use jobs::Job;
use pg::{PgConnection, Pool, in_time};

use crate::store::delivery;

/// Whether the delivery of a job is no more.
pub(super) async fn is_gone(pool: &Pool, delivery_id: &str) -> bool {
    let there = in_time(async { delivery::is_there(&mut *pool.acquire().await?, delivery_id).await });
    // Where that can not be told, whoever buries the job looks once more.
    matches!(there.await, Ok(false))
}

/// Takes back the dead letter that this transaction has just written of a job, where its delivery is no more. An erasure
/// that comes in between waits for this transaction or is waited for: one of the two deletes it.
pub(super) async fn leave_nothing(
    tx: &mut PgConnection,
    job: &Job,
    delivery_id: &str,
) -> Result<(), Failure> {
    if !delivery::is_there(tx, delivery_id).await? {
        delivery::forget_letter(tx, job.queue, &job.key, &job.payload).await?;
    }
    Ok(())
}
