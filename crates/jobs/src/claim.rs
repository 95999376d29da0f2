use std::time::Duration;

use classify::{Class, Failure};
use events::Trail;
use ids::{EventId, Timestamp, TraceParent};
use pg::PgError;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::{Job, QueueSpec};

/// What one claim brought.
pub(crate) struct Claim {
    pub(crate) jobs: Vec<Job>,
    /// Nothing that can be claimed became due before then, by the clock of the database.
    pub(crate) oldest: Timestamp,
    /// When to claim again if nothing else happens; zero is at once, `None` unknown.
    pub(crate) come_back: Option<Duration>,
}

/// Takes up to `slots` jobs that became due after `since` (`None`: whenever), one round trip. `start`: they
/// run now; otherwise they are only locked, in the caller's transaction.
pub(crate) async fn claim(
    conn: &mut PgConnection,
    spec: &QueueSpec,
    slots: usize,
    since: Option<Timestamp>,
    start: bool,
) -> Result<Claim, PgError> {
    let rows = sqlx::query("select * from job_claim($1, $2, $3, $4, $5)")
        .bind(spec.name)
        .bind(i32::try_from(slots).unwrap_or(i32::MAX))
        .bind(since.map(jiff_sqlx::Timestamp::from))
        .bind(spec.lease.as_secs_f64())
        .bind(start)
        .fetch_all(conn)
        .await?;
    let mut claim = Claim { jobs: Vec::with_capacity(rows.len()), oldest: Timestamp::MIN, come_back: None };
    for row in &rows {
        match row.try_get("id")? {
            Some(id) => claim.jobs.push(job(row, spec.name, id)?),
            None => {
                claim.oldest = timestamp(row, "run_at")?;
                let seconds: Option<f64> = row.try_get("come_back")?;
                claim.come_back = seconds.and_then(|s| Duration::try_from_secs_f64(s.max(0.0)).ok());
            }
        }
    }
    Ok(claim)
}

fn timestamp(row: &PgRow, column: &str) -> Result<Timestamp, sqlx::Error> {
    row.try_get::<jiff_sqlx::Timestamp, _>(column).map(jiff_sqlx::Timestamp::to_jiff)
}

fn job(row: &PgRow, queue: &'static str, id: i64) -> Result<Job, sqlx::Error> {
    let trace: &str = row.try_get("trace")?;
    let causation: Option<String> = row.try_get("causation")?;
    Ok(Job {
        id,
        queue,
        key: row.try_get("key")?,
        payload: row.try_get("payload")?,
        attempt: row.try_get::<i32, _>("attempt")?.try_into().unwrap_or(1),
        interrupted: row.try_get::<i32, _>("interrupted")?.try_into().unwrap_or(0),
        enqueued_at: timestamp(row, "enqueued_at")?,
        trail: Trail {
            // Written by us; a row that someone edited loses its trace and not its work.
            trace: trace.parse().unwrap_or(TraceParent::new(1, 1)),
            correlation: EventId(row.try_get("correlation")?),
            causation: causation.map(EventId),
        },
        lease: row.try_get("lease")?,
    })
}

/// A job whose last attempt was cut off: it is not run again, for what it does may be what ends the process.
pub(crate) fn spent(job: &Job) -> Failure {
    Failure::new(
        Class::Permanent,
        format!("interrupted in the last of its {} attempts", job.attempt.saturating_sub(1)),
    )
}
