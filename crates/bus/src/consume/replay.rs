use std::sync::Arc;
use std::time::Duration;

use classify::Failure;
use pg::PgError;

use super::spec::{Consumer, Runtime};
use super::work::ErasedWork;
use crate::{BatchHandler, dead_letter, inbox};

pub(super) enum Handler {
    Batch(Arc<dyn BatchHandler>),
    Work(Arc<dyn ErasedWork>),
}

/// Handles again the dead letters that an operator has sent back, by the consumer that gave them up. Their
/// place in the order of their key is gone; that is why a person decides.
pub(super) async fn run(consumer: &Consumer, handler: Handler, runtime: Runtime) {
    loop {
        let pause = Duration::from_secs(1).mul_f64(0.9 + 0.2 * runtime.ids.fraction());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = runtime.shutdown.cancelled() => return,
        }
        loop {
            match one(consumer.name, &handler, &runtime).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => {
                    tracing::warn!(consumer = consumer.name, error = %failure, "a replay failed");
                    break;
                }
            }
        }
    }
}

/// Replays the oldest one; whether there was one.
async fn one(name: &'static str, handler: &Handler, runtime: &Runtime) -> Result<bool, Failure> {
    let mut tx = runtime.pool.begin().await.map_err(PgError::from)?;
    let Some((id, event)) = dead_letter::next_replay(&mut tx, name).await? else { return Ok(false) };
    let outcome = async {
        let mut inner = sqlx::Acquire::begin(&mut *tx).await.map_err(PgError::from)?;
        if !inbox::mark(&mut inner, name, std::slice::from_ref(&event)).await?.is_empty() {
            match handler {
                Handler::Batch(handler) => handler.handle(&mut inner, std::slice::from_ref(&event)).await?,
                Handler::Work(handler) => {
                    let done = handler.work(&event).await?;
                    handler.commit(&mut inner, &event, done).await?;
                }
            }
        }
        inner.commit().await.map_err(PgError::from)?;
        Ok::<(), Failure>(())
    }
    .await;
    match outcome {
        Ok(()) => dead_letter::remove(&mut tx, id).await?,
        Err(failure) => dead_letter::failed_again(&mut tx, id, &failure).await?,
    }
    tx.commit().await.map_err(PgError::from)?;
    for wake in &runtime.wakes {
        wake.wake();
    }
    Ok(true)
}
