use std::sync::Arc;
use std::time::Duration;

use events::{PARTITIONS, Subject, stream_subjects};
use futures::future::{join_all, try_join_all};
use ids::Ids;
use pg::Pool;
use tokio_util::sync::CancellationToken;

use super::work::{ErasedWork, Work};
use super::{batch, replay, work};
use crate::topology::Durable;
use crate::{BatchHandler, Bus, BusError, Lag, WorkHandler};

/// What a consumer runs on.
#[derive(Clone)]
pub struct Runtime {
    pub bus: Bus,
    pub pool: Pool,
    pub ids: Ids,
    pub shutdown: CancellationToken,
}

/// A declared consumer of one service's events.
#[derive(Clone)]
pub struct Consumer {
    pub(super) name: &'static str,
    service: &'static str,
    events: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Ordered(Arc<dyn BatchHandler>),
    Unordered(Arc<dyn BatchHandler>, u16),
    Work(Arc<dyn ErasedWork>, u16),
}

impl Consumer {
    /// Events of one key are handled one after the other, of all keys together in batches. One durable per
    /// partition with one message under way, so any number of replicas may pull. `events` are names of the
    /// catalogue, all of `service`.
    pub fn ordered(
        name: &'static str,
        service: &'static str,
        events: &'static [&'static str],
        handler: Arc<dyn BatchHandler>,
    ) -> Self {
        Self { name, service, events, kind: Kind::Ordered(handler) }
    }

    /// Events in any order, at most `most` under way. No `events` means all of the service.
    pub fn unordered(
        name: &'static str,
        service: &'static str,
        events: &'static [&'static str],
        most: u16,
        handler: Arc<dyn BatchHandler>,
    ) -> Self {
        Self { name, service, events, kind: Kind::Unordered(handler, most) }
    }

    /// Events whose handling calls the outside world, `concurrency` at a time in each replica.
    pub fn work<H: WorkHandler>(
        name: &'static str,
        service: &'static str,
        events: &'static [&'static str],
        concurrency: u16,
        handler: Arc<H>,
    ) -> Self {
        Self { name, service, events, kind: Kind::Work(Arc::new(Work(handler)), concurrency) }
    }

    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Declares the stream and the durables. Nothing is pulled yet.
    pub async fn ensure(&self, bus: &Bus) -> Result<(), BusError> {
        bus.ensure_stream(self.service).await?;
        let durables = self.durables();
        try_join_all(durables.iter().map(|durable| bus.ensure_consumer(durable))).await?;
        Ok(())
    }

    /// Pulls and handles until told to stop; what is under way then is finished.
    pub async fn run(self, runtime: Runtime) {
        let durables = self.durables();
        let replay = replay::run(&self, self.handler_of_replays(), runtime.clone());
        match self.kind.clone() {
            Kind::Ordered(handler) => {
                let batches =
                    batch::run(self.name, durables, handler, runtime.clone(), batch::Gather::WhatIsReady);
                tokio::join!(Box::pin(batches), Box::pin(replay));
            }
            Kind::Unordered(handler, most) => {
                let most = usize::from(most);
                let batches =
                    batch::run(self.name, durables, handler, runtime.clone(), batch::Gather::UpTo(most));
                tokio::join!(Box::pin(batches), Box::pin(replay));
            }
            Kind::Work(handler, concurrency) => {
                let Some(durable) = durables.into_iter().next() else { return };
                let works = work::run(self.name, durable, handler, runtime.clone(), concurrency.into());
                tokio::join!(Box::pin(works), Box::pin(replay));
            }
        }
    }

    /// What is still before it, over all its durables.
    pub async fn lag(&self, bus: &Bus) -> Result<Lag, BusError> {
        let mut sum = Lag::default();
        let durables = self.durables();
        for lag in join_all(durables.iter().map(|d| bus.lag(self.service, &d.name))).await {
            let lag = lag?;
            sum.pending += lag.pending;
            sum.unacknowledged += lag.unacknowledged;
        }
        Ok(sum)
    }

    fn handler_of_replays(&self) -> replay::Handler {
        match &self.kind {
            Kind::Ordered(handler) | Kind::Unordered(handler, _) => replay::Handler::Batch(handler.clone()),
            Kind::Work(handler, _) => replay::Handler::Work(handler.clone()),
        }
    }

    fn durables(&self) -> Vec<Durable> {
        let filters = |partition| -> Vec<String> {
            match self.events {
                [] => vec![stream_subjects(self.service)],
                events => events.iter().map(|event| Subject::filter(event, partition)).collect(),
            }
        };
        let one = |max_ack_pending, ack_wait| Durable {
            name: self.name.to_owned(),
            service: self.service,
            filters: filters(None),
            max_ack_pending,
            ack_wait,
        };
        match &self.kind {
            Kind::Ordered(_) => (0..PARTITIONS)
                .map(|pp| Durable {
                    name: format!("{}-p{pp:02}", self.name),
                    service: self.service,
                    filters: filters(Some(pp)),
                    max_ack_pending: 1,
                    // A handler takes milliseconds. This is how long a partition stands still when a
                    // replica dies with its head.
                    ack_wait: Duration::from_secs(5),
                })
                .collect(),
            Kind::Unordered(_, most) => vec![one(i64::from(*most), Duration::from_secs(10))],
            // Work goes on for minutes; the runner says so every third of this.
            Kind::Work(..) => vec![one(10_000, Duration::from_secs(15))],
        }
    }
}
