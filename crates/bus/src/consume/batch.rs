use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use classify::Failure;
use futures::future::join_all;
use futures::{FutureExt, Stream, StreamExt};
use pg::{AfterCommit, Kept, PgError, in_time};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::ahead::Ahead;
use super::failure::{Verdict, acknowledge, database_is_back, log, span, verdict};
use super::in_hand::InHand;
use super::pull::{Pulled, With};
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

/// Takes whatever heads are ready together, and what stands behind them, and handles all in one transaction. With
/// one message under way per durable no two batches, here or in another process, hold events of one
/// partition.
pub(super) async fn run(
    name: &'static str,
    durables: Vec<Durable>,
    handler: Arc<dyn BatchHandler>,
    runtime: Runtime,
    gather: Gather,
) {
    let (most, with) = match gather {
        Gather::WhatIsReady => (HEADS, With::Behind),
        Gather::UpTo(most) => (most.max(1), With::Nothing),
    };
    let (sender, receiver) = mpsc::channel(most);
    let per_pull = most.min(256);
    let in_hand = Arc::new(InHand::new(runtime.bus.js.client()));
    let pulls = join_all(durables.into_iter().map(|durable| {
        pull::into_channel(
            durable,
            per_pull,
            runtime.clone(),
            with.clone(),
            Some(in_hand.clone()),
            sender.clone(),
        )
    }));
    drop(sender);
    let worker = Worker { name, handler, runtime, in_hand: in_hand.clone() };
    let heads = ReceiverStream::new(receiver);
    let work = async {
        match gather {
            Gather::WhatIsReady => tokio::join!(pulls, worker.run(heads.ready_chunks(most))),
            Gather::UpTo(_) => {
                tokio::join!(pulls, worker.run(tokio_stream::StreamExt::chunks_timeout(heads, most, MOMENT)))
            }
        };
    };
    tokio::select! {
        () = work => {}
        () = in_hand.keep() => {}
    }
}

/// Events that are handled in one transaction: heads, each followed by what stands behind it.
struct Batch {
    events: Vec<Delivery>,
    heads: Vec<Head>,
}

struct Head {
    message: Message,
    /// Where it stands among the events, and how many of those after it stand behind it in its partition.
    place: usize,
    behind: usize,
    ahead: Option<Arc<Ahead>>,
}

impl Batch {
    fn of(pulled: Vec<Pulled>) -> Self {
        let mut events = Vec::with_capacity(pulled.iter().map(|one| 1 + one.behind.len()).sum());
        let mut heads = Vec::with_capacity(pulled.len());
        for Pulled { message, event, behind, ahead, .. } in pulled {
            heads.push(Head { message, place: events.len(), behind: behind.len(), ahead });
            events.push(event);
            events.extend(behind);
        }
        Self { events, heads }
    }

    fn behind(&self, head: &Head) -> &[Delivery] {
        &self.events[head.place + 1..][..head.behind]
    }
}

struct Worker {
    name: &'static str,
    handler: Arc<dyn BatchHandler>,
    runtime: Runtime,
    in_hand: Arc<InHand>,
}

impl Worker {
    async fn run(&self, batches: impl Stream<Item = Vec<Pulled>>) {
        tokio::pin!(batches);
        let mut connection = Kept::of(&self.runtime.pool);
        loop {
            let heads = match batches.next().now_or_never() {
                Some(ready) => ready,
                None => {
                    connection.give_back();
                    batches.next().await
                }
            };
            let Some(heads) = heads else { return };
            let started = Instant::now();
            let batch = Batch::of(heads);
            metrics::histogram!("dragoman_consumer_batch_size", "consumer" => self.name)
                .record(batch.events.len() as f64);
            self.settle(&batch, &mut connection).await;
            metrics::histogram!("dragoman_event_handle_seconds", "consumer" => self.name)
                .record(started.elapsed().as_secs_f64());
        }
    }

    /// Handles all of them; each ends acknowledged, to be delivered again, or as a dead letter.
    async fn settle(&self, batch: &Batch, connection: &mut Kept) {
        match guard::in_time(self.transact(&batch.events, connection)).await {
            Ok(fresh) => {
                for head in &batch.heads {
                    if let Some(ahead) = &head.ahead {
                        ahead.handled(batch.behind(head));
                    }
                    self.answer(&head.message, AckKind::Ack).await;
                }
                self.count("handled", fresh);
            }
            Err(failure) => {
                connection.give_back();
                // An outage of the database is waited out here: it must not use up deliveries.
                if failure.class().is_retryable() && !database_is_back(&self.runtime).await {
                    return;
                }
                // What stands behind the heads comes again, as heads.
                for head in &batch.heads {
                    if let Some(ahead) = &head.ahead {
                        ahead.failed(batch.behind(head));
                    }
                    self.handle_alone(&batch.events[head.place], &head.message).await;
                }
            }
        }
    }

    async fn handle_alone(&self, event: &Delivery, message: &Message) {
        let mut pause = Duration::from_millis(200);
        loop {
            let outcome = {
                // Given back before anything else: a transaction that was dropped ends only there.
                let mut connection = Kept::of(&self.runtime.pool);
                guard::in_time(self.transact(std::slice::from_ref(event), &mut connection)).await
            };
            let failure = match outcome {
                Ok(fresh) => {
                    self.answer(message, AckKind::Ack).await;
                    return self.count("handled", fresh);
                }
                Err(failure) => failure,
            };
            let verdict = verdict(&failure, event.attempt, self.runtime.ids.fraction());
            log(self.name, event, &failure, verdict);
            match verdict {
                Verdict::Again(after) => {
                    // Never without a delay: that would burn every delivery within a millisecond.
                    self.answer(message, AckKind::Nak(Some(after))).await;
                    self.count("retried", 1);
                    return;
                }
                Verdict::GiveUp => match self.bury(event, &failure).await {
                    Ok(()) => {
                        self.answer(message, AckKind::Ack).await;
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

    /// One transaction: inbox marks, the handler's own writes. Returns how many were not handled before.
    async fn transact(&self, events: &[Delivery], connection: &mut Kept) -> Result<usize, Failure> {
        let _spans: Vec<tracing::Span> = events.iter().map(|event| span(self.name, event)).collect();
        let mut tx = connection.begin().await?;
        let fresh = inbox::mark(&mut tx, self.name, events).await?;
        let handled = fresh.len();
        let after = if handled == events.len() {
            self.handler.handle(&mut tx, events).await?
        } else if handled == 0 {
            AfterCommit::nothing()
        } else {
            let fresh: Vec<Delivery> = fresh.into_iter().map(|i| events[i].clone()).collect();
            self.handler.handle(&mut tx, &fresh).await?
        };
        tx.commit().await.map_err(PgError::from)?;
        after.run();
        Ok(handled)
    }

    async fn bury(&self, event: &Delivery, failure: &Failure) -> Result<(), PgError> {
        in_time(async {
            let mut tx = self.runtime.pool.begin().await?;
            dead_letter::bury(&mut tx, self.name, event, failure).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// The last word to the server on this delivery.
    async fn answer(&self, message: &Message, kind: AckKind) {
        self.in_hand.let_go(message);
        acknowledge(message, kind).await;
    }

    fn count(&self, outcome: &'static str, events: usize) {
        metrics::counter!("dragoman_events_handled_total", "consumer" => self.name, "outcome" => outcome)
            .increment(events as u64);
    }
}
