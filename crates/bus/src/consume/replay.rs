use std::sync::Arc;
use std::time::Duration;

use classify::Failure;
use pg::{AfterCommit, PgError};

use super::guard;
use super::spec::{Consumer, Runtime};
use super::work::ErasedWork;
use crate::{BatchHandler, Delivery, dead_letter, inbox};

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

/// Replays the oldest one; whether there was one. It is taken for some minutes first, so that a long call
/// outside holds no transaction, and comes up again should this process die over it.
async fn one(name: &'static str, handler: &Handler, runtime: &Runtime) -> Result<bool, Failure> {
    let Some((id, event)) = pg::in_time(dead_letter::take_replay(&runtime.pool, name)).await? else {
        return Ok(false);
    };
    if let Err(failure) = guard::caught(handle(name, handler, runtime, id, &event)).await {
        pg::in_time(dead_letter::failed_again(&runtime.pool, id, &failure)).await?;
    }
    Ok(true)
}

async fn handle(
    name: &'static str,
    handler: &Handler,
    runtime: &Runtime,
    id: i64,
    event: &Delivery,
) -> Result<(), Failure> {
    let done = match handler {
        Handler::Work(handler) => Some(handler.work(event).await?),
        Handler::Batch(_) => None,
    };
    let commit = async {
        let mut tx = runtime.pool.begin().await.map_err(PgError::from)?;
        let fresh = !inbox::mark(&mut tx, name, std::slice::from_ref(event)).await?.is_empty();
        let after = match (handler, done) {
            (Handler::Batch(handler), _) if fresh => {
                handler.handle(&mut tx, std::slice::from_ref(event)).await?
            }
            (Handler::Work(handler), Some(mut done)) if fresh => {
                handler.commit(&mut tx, event, &mut done).await?
            }
            _ => AfterCommit::nothing(),
        };
        dead_letter::remove(&mut tx, id).await?;
        tx.commit().await.map_err(PgError::from)?;
        Ok(after)
    };
    guard::in_time(commit).await?.run();
    Ok(())
}
