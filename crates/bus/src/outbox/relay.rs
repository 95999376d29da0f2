use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use events::{Envelope, Key, Subject, Trail};
use futures::StreamExt;
use ids::{EventId, Ids, TraceParent};
use pg::{PgConnection, PgError, Pool, in_time};
use sqlx::Row;
use tokio_util::sync::CancellationToken;

use super::Outbox;
use crate::{Bus, BusError};

/// Rows taken at once.
const BATCH: i64 = 512;

/// How often what stands in the outbox is counted at most.
const REPORT: Duration = Duration::from_secs(1);

/// Keys read past at most before the trouble is taken for the server's.
const MOST_BROKEN: usize = 512;

/// Publishes what stands in a service's outbox. One is active per schema (an advisory lock says which), so
/// that the order of a key is kept; the others wait to take over and pass their wakes on.
pub struct Relay {
    pub service: &'static str,
    pub pool: Pool,
    pub bus: Bus,
    pub ids: Ids,
    /// Tells of every commit of this process that has written to it.
    pub outbox: Outbox,
}

impl Relay {
    /// Runs until told to stop, and then publishes what is still there; on an error it starts over, for
    /// nothing in the outbox is lost by that.
    pub async fn run(self, shutdown: CancellationToken) {
        // Over all attempts: what stands in the outbox is counted once a second however often they fail.
        let mut reported = None;
        while !shutdown.is_cancelled() {
            if let Err(error) = self.lead_or_follow(&shutdown, &mut reported).await {
                tracing::warn!(service = self.service, error = %classify::chain(&error), "the outbox relay starts over");
                tokio::select! {
                    () = tokio::time::sleep(self.jittered(Duration::from_millis(500))) => {}
                    () = shutdown.cancelled() => {}
                }
            }
        }
    }

    async fn lead_or_follow(
        &self,
        shutdown: &CancellationToken,
        reported: &mut Option<Instant>,
    ) -> Result<(), BusError> {
        // A connection of its own, out of the pool: the lock lives as long as it does, and work is done on
        // it, so losing the lock is losing the work.
        let mut connection = self.pool.acquire().await?.detach();
        // Its statements read one index each, whatever stands in the table: they are planned once.
        in_time(run(&mut connection, "set plan_cache_mode = force_generic_plan")).await?;
        in_time(run(&mut connection, "set enable_seqscan = off")).await?;
        loop {
            let asked = sqlx::query_scalar(
                "select pg_try_advisory_lock(hashtext('outbox relay'), hashtext(current_schema))",
            )
            .fetch_one(&mut connection);
            if in_time(async { Ok::<bool, PgError>(asked.await?) }).await? {
                return self.lead(&mut connection, shutdown, reported).await;
            }
            // The one that leads tells; what this one told when it led is no longer so.
            self.gauges(0, 0.0);
            let retry = tokio::time::sleep(self.jittered(Duration::from_secs(1)));
            tokio::pin!(retry);
            loop {
                tokio::select! {
                    () = &mut retry => break,
                    () = self.outbox.written.woken() => self.bus.core_publish(self.nudge(), Bytes::new()).await?,
                    () = shutdown.cancelled() => return Ok(()),
                }
            }
        }
    }

    async fn lead(
        &self,
        connection: &mut PgConnection,
        shutdown: &CancellationToken,
        reported: &mut Option<Instant>,
    ) -> Result<(), BusError> {
        let mut nudges = self.bus.core_subscribe(self.nudge()).await?;
        loop {
            self.publish_all(connection, reported).await?;
            tokio::select! {
                () = self.outbox.written.woken() => {}
                _ = nudges.next() => {}
                () = tokio::time::sleep(self.jittered(Duration::from_secs(1))) => {}
                () = shutdown.cancelled() => return self.publish_all(connection, reported).await,
            }
        }
    }

    /// Publishes until nothing is left. Keys that failed are read past: an event that can not be stored holds
    /// up its own key and no other.
    async fn publish_all(
        &self,
        connection: &mut PgConnection,
        reported: &mut Option<Instant>,
    ) -> Result<(), BusError> {
        let mut broken: BTreeSet<String> = BTreeSet::new();
        let mut failed = None;
        // Published and acknowledged, deleted with the next look. A process that dies before publishes them
        // again, and whoever knows their ids lets them pass.
        let mut stored = Vec::new();
        loop {
            let rows = in_time(oldest(connection, Vec::from_iter(&broken), &stored)).await?;
            stored.clear();
            // Here and not at the end: what is told counts most when nothing can be published, or there is no end.
            if reported.is_none_or(|at| at.elapsed() >= REPORT) {
                *reported = Some(Instant::now());
                in_time(self.report(connection)).await?;
            }
            if rows.is_empty() {
                return failed.map_or(Ok(()), Err);
            }
            let (seqs, envelopes): (Vec<i64>, Vec<Envelope>) = rows.into_iter().unzip();
            let keys: Vec<Key> = envelopes.iter().map(|envelope| envelope.key.clone()).collect();
            for ((seq, key), result) in seqs.into_iter().zip(keys).zip(self.bus.publish_all(envelopes).await)
            {
                match result {
                    Ok(_) => stored.push(seq),
                    Err(error) => {
                        broken.insert(key.as_str().to_owned());
                        failed = Some(error);
                    }
                }
            }
            metrics::counter!("dragoman_outbox_published_total", "service" => self.service)
                .increment(stored.len() as u64);
            let nowhere = matches!(failed, Some(BusError::Disconnected)) || broken.len() > MOST_BROKEN;
            if stored.is_empty() && nowhere {
                return failed.map_or(Ok(()), Err);
            }
        }
    }

    /// Reads no more than it tells: a backlog of millions must not hold up its own end.
    async fn report(&self, connection: &mut PgConnection) -> Result<(), PgError> {
        let row = sqlx::query(
            "select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8
             from (select created_at from outbox order by seq limit 100000) oldest",
        )
        .fetch_one(connection)
        .await?;
        let (pending, age): (i64, f64) = (row.try_get(0)?, row.try_get(1)?);
        self.gauges(pending, age);
        Ok(())
    }

    fn gauges(&self, pending: i64, age: f64) {
        metrics::gauge!("dragoman_outbox_pending", "service" => self.service).set(pending as f64);
        metrics::gauge!("dragoman_outbox_oldest_age_seconds", "service" => self.service).set(age);
    }

    fn nudge(&self) -> String {
        format!("wake.outbox.{}", self.service)
    }

    /// ± 10 %, so that replicas do not ask in step.
    fn jittered(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9 + 0.2 * self.ids.fraction())
    }
}

async fn run(connection: &mut PgConnection, statement: &'static str) -> Result<(), PgError> {
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}

/// Deletes what is stored, and reads the oldest of the rest.
async fn oldest(
    connection: &mut PgConnection,
    without: Vec<&String>,
    stored: &[i64],
) -> Result<Vec<(i64, Envelope)>, PgError> {
    let rows = sqlx::query(
        "with gone as (delete from outbox where seq = any($3))
         select seq, event_id, subject, key, trace, correlation, causation, occurred_at, payload
         from outbox where key <> all($2) and seq <> all($3) order by seq limit $1",
    )
    .bind(BATCH)
    .bind(without)
    .bind(stored)
    .fetch_all(connection)
    .await?;
    let mut envelopes = Vec::with_capacity(rows.len());
    for row in rows {
        let trace: &str = row.try_get(4)?;
        envelopes.push((
            row.try_get(0)?,
            Envelope {
                id: EventId(row.try_get(1)?),
                subject: Subject::stored(row.try_get(2)?),
                key: Key::of(row.try_get::<&str, _>(3)?),
                trail: Trail {
                    trace: trace.parse().unwrap_or_else(|_| TraceParent::new(1, 1)),
                    correlation: EventId(row.try_get(5)?),
                    causation: row.try_get::<Option<String>, _>(6)?.map(EventId),
                },
                occurred_at_ms: row.try_get(7)?,
                payload: row.try_get(8)?,
            },
        ));
    }
    Ok(envelopes)
}
