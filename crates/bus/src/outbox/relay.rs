use std::time::Duration;

use bytes::Bytes;
use events::{Envelope, Key, Subject, Trail};
use futures::StreamExt;
use ids::{EventId, Ids, TraceParent};
use pg::{PgConnection, PgError, Pool, Wake};
use sqlx::{Connection, Row};
use tokio_util::sync::CancellationToken;

use crate::{Bus, BusError};

/// Rows taken at once.
const BATCH: i64 = 512;

/// Publishes what stands in a service's outbox. One is active per schema (an advisory lock says which), so
/// that the order of a key is kept; the others wait to take over and pass their wakes on.
pub struct Relay {
    pub service: &'static str,
    pub pool: Pool,
    pub bus: Bus,
    pub ids: Ids,
    /// Woken after each commit that may have written to the outbox.
    pub wake: Wake,
}

impl Relay {
    /// Runs until told to stop; on an error it starts over, for nothing in the outbox is lost by that.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let ended = tokio::select! {
                ended = self.lead_or_follow() => ended,
                () = shutdown.cancelled() => return,
            };
            if let Err(error) = ended {
                tracing::warn!(service = self.service, error = %classify::chain(&error), "the outbox relay starts over");
                tokio::time::sleep(self.jittered(Duration::from_millis(500))).await;
            }
        }
    }

    async fn lead_or_follow(&self) -> Result<(), BusError> {
        // A connection of its own, out of the pool: the lock lives as long as it does, and work is done on
        // it, so losing the lock is losing the work.
        let mut connection = self.pool.acquire().await?.detach();
        loop {
            let leads: bool = sqlx::query_scalar(
                "select pg_try_advisory_lock(hashtext('outbox relay'), hashtext(current_schema))",
            )
            .fetch_one(&mut connection)
            .await?;
            if leads {
                return self.lead(&mut connection).await;
            }
            let retry = tokio::time::sleep(self.jittered(Duration::from_secs(1)));
            tokio::pin!(retry);
            loop {
                tokio::select! {
                    () = &mut retry => break,
                    () = self.wake.woken() => self.bus.core_publish(self.nudge(), Bytes::new()).await?,
                }
            }
            connection.ping().await?;
        }
    }

    async fn lead(&self, connection: &mut PgConnection) -> Result<(), BusError> {
        let mut nudges = self.bus.core_subscribe(self.nudge()).await?;
        loop {
            self.publish_all(connection).await?;
            tokio::select! {
                () = self.wake.woken() => {}
                _ = nudges.next() => {}
                () = tokio::time::sleep(self.jittered(Duration::from_secs(1))) => self.report(connection).await?,
            }
        }
    }

    /// Publishes until nothing is left. Keys that failed are read past: an event that can not be stored holds
    /// up its own key and no other.
    async fn publish_all(&self, connection: &mut PgConnection) -> Result<(), BusError> {
        let mut broken: Vec<String> = Vec::new();
        let mut failed = None;
        loop {
            let rows = oldest(connection, &broken).await?;
            let full = rows.len() as i64 == BATCH;
            let (seqs, envelopes): (Vec<i64>, Vec<Envelope>) = rows.into_iter().unzip();
            if seqs.is_empty() {
                break;
            }
            let keys: Vec<Key> = envelopes.iter().map(|envelope| envelope.key.clone()).collect();
            let mut stored = Vec::with_capacity(seqs.len());
            for ((seq, key), result) in seqs.into_iter().zip(keys).zip(self.bus.publish_all(envelopes).await)
            {
                match result {
                    Ok(_) => stored.push(seq),
                    Err(error) => {
                        broken.push(key.as_str().to_owned());
                        failed = Some(error);
                    }
                }
            }
            if stored.is_empty() {
                break;
            }
            sqlx::query("delete from outbox where seq = any($1)")
                .bind(&stored)
                .execute(&mut *connection)
                .await?;
            metrics::counter!("dragoman_outbox_published_total", "service" => self.service)
                .increment(stored.len() as u64);
            if !full {
                break;
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn report(&self, connection: &mut PgConnection) -> Result<(), PgError> {
        let row = sqlx::query(
            "select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from outbox",
        )
        .fetch_one(connection)
        .await?;
        let (pending, age): (i64, f64) = (row.try_get(0)?, row.try_get(1)?);
        metrics::gauge!("dragoman_outbox_pending", "service" => self.service).set(pending as f64);
        metrics::gauge!("dragoman_outbox_oldest_age_seconds", "service" => self.service).set(age);
        Ok(())
    }

    fn nudge(&self) -> String {
        format!("wake.outbox.{}", self.service)
    }

    /// ± 10 %, so that replicas do not ask in step.
    fn jittered(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9 + 0.2 * self.ids.fraction())
    }
}

async fn oldest(connection: &mut PgConnection, without: &[String]) -> Result<Vec<(i64, Envelope)>, BusError> {
    let rows = sqlx::query(
        "select seq, event_id, subject, key, trace, correlation, causation, occurred_at, payload
         from outbox where key <> all($2) order by seq limit $1",
    )
    .bind(BATCH)
    .bind(without)
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
