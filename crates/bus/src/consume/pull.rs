use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::ahead::Ahead;
use super::failure::acknowledge;
use super::in_hand::InHand;
use super::spec::Runtime;
use crate::topology::Durable;
use crate::{BusError, Delivery};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Having pulled this long, a consumer counts as having been well.
const WELL: Duration = Duration::from_secs(30);

/// A message, with the right to work on it where that is counted.
pub(super) struct Pulled {
    pub(super) message: Message,
    pub(super) event: Delivery,
    /// The events behind it in its partition that may be handled with it, and who remembers that they were.
    pub(super) behind: Vec<Delivery>,
    pub(super) ahead: Option<Arc<Ahead>>,
    pub(super) slot: Option<OwnedSemaphorePermit>,
}

/// What is taken with a message.
#[derive(Clone)]
pub(super) enum With {
    Nothing,
    /// What stands behind it in its partition.
    Behind,
    /// One of so many slots.
    Slot(Arc<Semaphore>),
}

/// Pulls one durable's messages into a bounded channel until told to stop. On an error it declares the
/// durable again and goes on: a server that restarted, lost its disk or was replaced needs no restart of ours.
pub(super) async fn into_channel(
    durable: Durable,
    batch: usize,
    runtime: Runtime,
    with: With,
    in_hand: Option<Arc<InHand>>,
    into: mpsc::Sender<Pulled>,
) {
    let mut pause = FIRST_PAUSE;
    while !runtime.shutdown.is_cancelled() {
        // Declaring waits for the server, which may be away: a stop does not wait for that.
        let began = Instant::now();
        let ended = tokio::select! {
            ended = pull(&durable, batch, &runtime, &with, in_hand.as_deref(), &into) => ended,
            () = runtime.shutdown.cancelled() => return,
        };
        match ended {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(consumer = %durable.name, error = %classify::chain(&error), "pulling starts over");
                if began.elapsed() > WELL {
                    pause = FIRST_PAUSE;
                }
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
    with: &With,
    in_hand: Option<&InHand>,
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
    let ahead = match with {
        With::Behind => Ahead::of(durable, &runtime.bus).map(Arc::new),
        With::Nothing | With::Slot(_) => None,
    };
    loop {
        // A message is asked for when it can be begun: one that waited here would be delivered again.
        let slot = match with {
            With::Slot(slots) => slots.clone().acquire_owned().await.ok(),
            With::Nothing | With::Behind => None,
        };
        match messages.next().await {
            Some(Ok(message)) => {
                let event = Delivery::read(&message);
                if let Some(in_hand) = in_hand {
                    in_hand.take(&message);
                }
                let mut behind = Vec::new();
                if let Some(ahead) = &ahead {
                    if ahead.lets_pass(&event) {
                        if let Some(in_hand) = in_hand {
                            in_hand.let_go(&message);
                        }
                        acknowledge(&message, AckKind::Ack).await;
                        continue;
                    }
                    behind = ahead.behind(&message).await;
                }
                let pulled = Pulled { message, event, behind, ahead: ahead.clone(), slot };
                if into.send(pulled).await.is_err() {
                    return Ok(());
                }
            }
            Some(Err(error)) => return Err(failed(Box::new(error))),
            None => return Err(failed("the server ended the pull".into())),
        }
    }
}
