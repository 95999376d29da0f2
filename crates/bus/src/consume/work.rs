use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use async_trait::async_trait;
use classify::Failure;
use pg::{AfterCommit, PgConnection, PgError};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::failure::{Verdict, acknowledge, backoff, database_is_back, log, span, verdict};
use super::pull::{Pulled, With};
use super::spec::Runtime;
use super::{guard, pull};
use crate::topology::Durable;
use crate::{Delivery, WorkHandler, dead_letter, inbox};

/// How often it is tried to write what came of one call.
const COMMITS: u32 = 6;

pub(super) type Done = Box<dyn Any + Send>;

/// A work handler whose result type is forgotten, so that consumers of any kind stand in one list.
#[async_trait]
pub(super) trait ErasedWork: Send + Sync {
    async fn work(&self, event: &Delivery) -> Result<Done, Failure>;
    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        done: &mut Done,
    ) -> Result<AfterCommit, Failure>;
    async fn give_up(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure>;
}

pub(super) struct Work<H>(pub(super) Arc<H>);

#[async_trait]
impl<H: WorkHandler> ErasedWork for Work<H> {
    async fn work(&self, event: &Delivery) -> Result<Done, Failure> {
        Ok(Box::new(self.0.work(event).await?))
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        done: &mut Done,
    ) -> Result<AfterCommit, Failure> {
        match done.downcast_mut::<H::Done>() {
            Some(done) => self.0.commit(tx, event, done).await,
            None => {
                Err(Failure::new(classify::Class::Permanent, "a work handler got another handler's result"))
            }
        }
    }

    async fn give_up(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        self.0.give_up(tx, event, failure).await
    }
}

/// Works on `concurrency` events at a time; pulls no more than it can begin at once.
pub(super) async fn run(
    name: &'static str,
    durable: Durable,
    handler: Arc<dyn ErasedWork>,
    runtime: Runtime,
    concurrency: usize,
) {
    let (sender, mut receiver) = mpsc::channel(1);
    let slots = Arc::new(Semaphore::new(concurrency));
    let pulls = pull::into_channel(durable, 1, runtime.clone(), With::Slot(slots), None, sender);
    let works = async {
        // Dropped with this future: a process that is cut off leaves no call behind.
        let mut calls = JoinSet::new();
        while let Some(Pulled { message, event, slot, .. }) = receiver.recv().await {
            while calls.try_join_next().is_some() {}
            let worker = Worker { name, handler: handler.clone(), runtime: runtime.clone() };
            calls.spawn(async move {
                worker.settle(&message, &event).await;
                drop(slot);
            });
        }
        while calls.join_next().await.is_some() {}
    };
    tokio::join!(pulls, works);
}

struct Worker {
    name: &'static str,
    handler: Arc<dyn ErasedWork>,
    runtime: Runtime,
}

impl Worker {
    async fn settle(&self, message: &Message, event: &Delivery) {
        let outcome = tokio::select! {
            outcome = self.handle(event) => outcome,
            () = keep_alive(message) => return,
        };
        let Err(failure) = outcome else {
            acknowledge(message, AckKind::Ack).await;
            return self.count("handled");
        };
        if failure.class().is_retryable() {
            // An outage may last longer than the server waits, and each of its repetitions would be a delivery.
            let back = tokio::select! {
                back = database_is_back(&self.runtime) => back,
                () = keep_alive(message) => return,
            };
            if !back {
                return;
            }
        }
        let verdict = verdict(&failure, event.attempt, self.runtime.ids.fraction());
        log(self.name, event, &failure, verdict);
        match verdict {
            Verdict::Again(after) => {
                acknowledge(message, AckKind::Nak(Some(after))).await;
                self.count("retried");
            }
            Verdict::GiveUp => match self.bury(event, &failure).await {
                Ok(()) => {
                    acknowledge(message, AckKind::Ack).await;
                    self.count("dead");
                }
                Err(error) => {
                    tracing::warn!(consumer = self.name, error = %error, "a dead letter could not be written");
                    acknowledge(message, AckKind::Nak(Some(Duration::from_secs(2)))).await;
                }
            },
        }
    }

    async fn handle(&self, event: &Delivery) -> Result<(), Failure> {
        // A repetition must not pay for the outside call again; the mark in the transaction decides.
        if pg::in_time(inbox::is_marked(&self.runtime.pool, self.name, event)).await? {
            return Ok(());
        }
        let mut done = guard::caught(self.handler.work(event)).instrument(span(self.name, event)).await?;
        // What was called has been paid for: as long as there is hope, what came of it is not thrown away.
        for attempt in 1..COMMITS {
            let Err(failure) = self.commit(event, &mut done).await else { return Ok(()) };
            if !failure.class().is_retryable() {
                return Err(failure);
            }
            tracing::warn!(
                consumer = self.name, id = %event.id, attempt, error = %failure,
                "what came of an event could not be written and is tried again"
            );
            tokio::time::sleep(backoff(attempt, self.runtime.ids.fraction())).await;
            if !database_is_back(&self.runtime).await {
                return Err(failure);
            }
        }
        self.commit(event, &mut done).await
    }

    async fn commit(&self, event: &Delivery, done: &mut Done) -> Result<(), Failure> {
        let commit = async {
            let mut tx = self.runtime.pool.begin().await.map_err(PgError::from)?;
            let after = if inbox::mark(&mut tx, self.name, std::slice::from_ref(event)).await?.is_empty() {
                AfterCommit::nothing()
            } else {
                self.handler.commit(&mut tx, event, done).await?
            };
            tx.commit().await.map_err(PgError::from)?;
            Ok(after)
        };
        guard::in_time(commit).await?.run();
        Ok(())
    }

    async fn bury(&self, event: &Delivery, failure: &Failure) -> Result<(), Failure> {
        let bury = async {
            let mut tx = self.runtime.pool.begin().await.map_err(PgError::from)?;
            let after = if dead_letter::bury(&mut tx, self.name, event, failure).await? {
                self.handler.give_up(&mut tx, event, failure).await?
            } else {
                AfterCommit::nothing()
            };
            tx.commit().await.map_err(PgError::from)?;
            Ok(after)
        };
        guard::in_time(bury).await?.run();
        Ok(())
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("dragoman_events_handled_total", "consumer" => self.name, "outcome" => outcome)
            .increment(1);
    }
}

/// Tells the server that work goes on; never returns.
async fn keep_alive(message: &Message) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        acknowledge(message, AckKind::Progress).await;
    }
}
