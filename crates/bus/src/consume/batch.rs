use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use classify::Failure;
use futures::future::join_all;
use futures::{FutureExt, Stream, StreamExt};
use pg::PgError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::failure::{Verdict, acknowledge, database_is_back, log, verdict};
use super::spec::Runtime;
use super::{guard, pull};
use crate::topology::Durable;
use crate::{BatchHandler, Delivery, dead_letter, inbox};

/// How a batch comes together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gather {
    /// Somebody waits for the effects: whatever is ready now. The heads of the other partitions gather while
    /// a batch commits, so load makes the batches larger.
    WhatIsReady,
    /// Nobody waits: as many as this, or what has come within a moment.
    UpTo(usize),
}

/// Heads in a batch at most, one of each partition of two streams.
const HEADS: usize = 64;

/// How long facts wait for others.
const MOMENT: Duration = Duration::from_millis(150);

/// Takes whatever heads are ready together and handles them in one transaction. With one message under way
/// per durable, no two events of a partition are ever in a batch, or in two batches, at once.
pub(super) async fn run(
    name: &'static str,
    durables: Vec<Durable>,
    handler: Arc<dyn BatchHandler>,
    runtime: Runtime,
    gather: Gather,
) {
    let most = match gather {
        Gather::WhatIsReady => HEADS,
        Gather::UpTo(most) => most.max(1),
    };
    let (sender, receiver) = mpsc::channel(most);
    let per_pull = most.min(256);
    let pulls = join_all(
        durables
            .into_iter()
            .map(|durable| pull::into_channel(durable, per_pull, runtime.clone(), None, sender.clone())),
    );
    drop(sender);
    let worker = Worker { name, handler, runtime };
    let messages = StreamExt::map(ReceiverStream::new(receiver), |pulled: pull::Pulled| pulled.message);
    match gather {
        Gather::WhatIsReady => tokio::join!(pulls, worker.run(messages.ready_chunks(most))),
        Gather::UpTo(_) => {
            tokio::join!(pulls, worker.run(tokio_stream::StreamExt::chunks_timeout(messages, most, MOMENT)))
        }
    };
}

struct Worker {
    name: &'static str,
    handler: Arc<dyn BatchHandler>,
    runtime: Runtime,
}

impl Worker {
    async fn run(&self, batches: impl Stream<Item = Vec<Message>>) {
        tokio::pin!(batches);
        while let Some(messages) = batches.next().await {
            let started = Instant::now();
            metrics::histogram!("dragoman_consumer_batch_size", "consumer" => self.name)
                .record(messages.len() as f64);
            self.settle(messages).await;
            metrics::histogram!("dragoman_event_handle_seconds", "consumer" => self.name)
                .record(started.elapsed().as_secs_f64());
        }
    }

    /// Handles all of them; each ends acknowledged, to be delivered again, or as a dead letter.
    async fn settle(&self, messages: Vec<Message>) {
        let events: Vec<Delivery> = messages.iter().map(Delivery::read).collect();
        // How many from the front need no word to the server any more.
        let settled = AtomicUsize::new(0);
        let keep = self.keep_alive(&messages, &settled).fuse();
        let handle = self.handle_all(&events, &messages, &settled).fuse();
        futures::pin_mut!(keep, handle);
        futures::select_biased! { () = handle => {}, () = keep => {} }
    }

    async fn handle_all(&self, events: &[Delivery], messages: &[Message], settled: &AtomicUsize) {
        match guard::in_time(self.transact(events)).await {
            Ok(()) => {
                for message in messages {
                    acknowledge(message, AckKind::Ack).await;
                }
                self.count("handled", events.len());
            }
            Err(failure) => {
                // An outage of the database is waited out here: it must not use up deliveries.
                if failure.class().is_retryable() && !database_is_back(&self.runtime).await {
                    return;
                }
                for (event, message) in events.iter().zip(messages) {
                    self.handle_alone(event, message).await;
                    settled.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    async fn handle_alone(&self, event: &Delivery, message: &Message) {
        let mut pause = Duration::from_millis(200);
        loop {
            let Err(failure) = guard::in_time(self.transact(std::slice::from_ref(event))).await else {
                acknowledge(message, AckKind::Ack).await;
                self.count("handled", 1);
                return;
            };
            let verdict = verdict(&failure, event.attempt, self.runtime.ids.fraction());
            log(self.name, event, &failure, verdict);
            match verdict {
                Verdict::Again(after) => {
                    // Never without a delay: that would burn every delivery within a millisecond.
                    acknowledge(message, AckKind::Nak(Some(after))).await;
                    self.count("retried", 1);
                    return;
                }
                Verdict::GiveUp => match self.bury(event, &failure).await {
                    Ok(()) => {
                        acknowledge(message, AckKind::Ack).await;
                        self.count("dead", 1);
                        return;
                    }
                    Err(error) => {
                        tracing::warn!(consumer = self.name, error = %classify::chain(&error), "a dead letter could not be written");
                        // It answers and takes no writes: a full disk, a standby. That takes its time.
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(Duration::from_secs(10));
                        if !database_is_back(&self.runtime).await {
                            return;
                        }
                    }
                },
            }
        }
    }

    /// One transaction: inbox marks, the handler's own writes.
    async fn transact(&self, events: &[Delivery]) -> Result<(), Failure> {
        let mut tx = self.runtime.pool.begin().await.map_err(PgError::from)?;
        let fresh = inbox::mark(&mut tx, self.name, events).await?;
        if fresh.len() == events.len() {
            self.handler.handle(&mut tx, events).await?;
        } else if !fresh.is_empty() {
            let fresh: Vec<Delivery> = fresh.into_iter().map(|i| events[i].clone()).collect();
            self.handler.handle(&mut tx, &fresh).await?;
        }
        tx.commit().await.map_err(PgError::from)?;
        for wake in &self.runtime.wakes {
            wake.wake();
        }
        Ok(())
    }

    async fn bury(&self, event: &Delivery, failure: &Failure) -> Result<(), PgError> {
        let mut tx = self.runtime.pool.begin().await?;
        dead_letter::bury(&mut tx, self.name, event, failure).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Tells the server that work goes on, for as long as it is polled; an outage may last.
    async fn keep_alive(&self, messages: &[Message], settled: &AtomicUsize) {
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            for message in messages.iter().skip(settled.load(Ordering::Relaxed)) {
                acknowledge(message, AckKind::Progress).await;
            }
        }
    }

    fn count(&self, outcome: &'static str, events: usize) {
        metrics::counter!("dragoman_events_handled_total", "consumer" => self.name, "outcome" => outcome)
            .increment(events as u64);
    }
}
