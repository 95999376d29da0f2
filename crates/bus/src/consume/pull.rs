use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::spec::Runtime;
use crate::BusError;
use crate::topology::Durable;

/// A message, with the right to work on it where that is counted.
pub(super) struct Pulled {
    pub(super) message: Message,
    pub(super) slot: Option<OwnedSemaphorePermit>,
}

/// Pulls one durable's messages into a bounded channel until told to stop. On an error it declares the
/// durable again and goes on: a server that restarted, lost its disk or was replaced needs no restart of ours.
pub(super) async fn into_channel(
    durable: Durable,
    batch: usize,
    runtime: Runtime,
    slots: Option<Arc<Semaphore>>,
    into: mpsc::Sender<Pulled>,
) {
    let mut pause = Duration::from_millis(100);
    while !runtime.shutdown.is_cancelled() {
        // Declaring waits for the server, which may be away: a stop does not wait for that.
        let ended = tokio::select! {
            ended = pull(&durable, batch, &runtime, slots.as_ref(), &into) => ended,
            () = runtime.shutdown.cancelled() => return,
        };
        match ended {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(consumer = %durable.name, error = %classify::chain(&error), "pulling starts over");
                let jittered = pause.mul_f64(0.5 + runtime.ids.fraction());
                tokio::select! {
                    () = tokio::time::sleep(jittered) => {}
                    () = runtime.shutdown.cancelled() => return,
                }
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        }
    }
}

async fn pull(
    durable: &Durable,
    batch: usize,
    runtime: &Runtime,
    slots: Option<&Arc<Semaphore>>,
    into: &mpsc::Sender<Pulled>,
) -> Result<(), BusError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| BusError::Pull {
        consumer: durable.name.clone(),
        source,
    };
    runtime.bus.ensure_stream(durable.service).await?;
    let consumer = runtime.bus.ensure_consumer(durable).await?;
    let mut messages = consumer
        .stream()
        .max_messages_per_batch(batch)
        .heartbeat(Duration::from_secs(5))
        .expires(Duration::from_secs(30))
        .messages()
        .await
        .map_err(|e| failed(Box::new(e)))?;
    loop {
        // A message is asked for when it can be begun: one that waited here would be delivered again.
        let slot = match slots {
            Some(slots) => slots.clone().acquire_owned().await.ok(),
            None => None,
        };
        match messages.next().await {
            Some(Ok(message)) => {
                if into.send(Pulled { message, slot }).await.is_err() {
                    return Ok(());
                }
            }
            Some(Err(error)) => return Err(failed(Box::new(error))),
            None => return Err(failed("the server ended the pull".into())),
        }
    }
}
