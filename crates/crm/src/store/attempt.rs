use std::time::Duration;

use ids::Pii;
use pg::{PgConnection, PgError, Pool};

/// How one attempt ended.
pub(crate) struct Attempt {
    pub(crate) delivery_id: String,
    /// From 1, counted over replays too.
    pub(crate) n: i32,
    /// "delivered", "refused", "unknown" or "not_sent"; of a call of several "done", or the word of its trouble.
    pub(crate) outcome: &'static str,
    pub(crate) took_ms: i64,
    pub(crate) status: Option<u16>,
    pub(crate) note: Pii<String>,
}

/// Notes that an attempt begins, before the call; returns its number. `step`: which call of several; empty of a webhook.
pub(crate) async fn begin(pool: &Pool, delivery: &str, step: &str) -> Result<i32, PgError> {
    Ok(sqlx::query_scalar(
        "insert into attempt (delivery_id, n, step)
         select $1, coalesce(max(n), 0) + 1, $2 from attempt where delivery_id = $1 returning n",
    )
    .bind(delivery)
    .bind(step)
    .fetch_one(pool)
    .await?)
}

/// Notes how attempts ended.
pub(crate) async fn end(connection: &mut PgConnection, attempts: &[&Attempt]) -> Result<(), PgError> {
    let column = |of: fn(&Attempt) -> &str| attempts.iter().map(|one| of(one)).collect::<Vec<_>>();
    let numbers: Vec<i32> = attempts.iter().map(|one| one.n).collect();
    let times: Vec<i64> = attempts.iter().map(|one| one.took_ms).collect();
    let statuses: Vec<Option<i32>> = attempts.iter().map(|one| one.status.map(i32::from)).collect();
    sqlx::query(
        "update attempt a set outcome = e.outcome, took_ms = e.took_ms, status = e.status, note = e.note
         from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::int[], $6::text[])
              as e (delivery_id, n, outcome, took_ms, status, note)
         where a.delivery_id = e.delivery_id and a.n = e.n",
    )
    .bind(column(|one| &one.delivery_id))
    .bind(numbers)
    .bind(column(|one| one.outcome))
    .bind(times)
    .bind(statuses)
    .bind(column(|one| one.note.expose()))
    .execute(connection)
    .await?;
    Ok(())
}

/// The same for one attempt, on its own.
pub(crate) async fn end_now(pool: &Pool, attempt: &Attempt) -> Result<(), PgError> {
    end(&mut *pool.acquire().await?, &[attempt]).await
}

/// What is known of a step of a delivery. `since`: how long its last call is over, or of one that was cut off how long it
/// has begun, by the database's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Known {
    /// It was never called, or each call has failed for certain.
    NotDone,
    /// A call was cut off, or no answer came.
    Unknown { since: Duration },
    /// It is done; what came of it may have got lost with its process.
    Done { since: Duration },
}

pub(crate) async fn known(pool: &Pool, delivery: &str, step: &str) -> Result<Known, PgError> {
    let (done, since): (bool, Option<f64>) = sqlx::query_as(
        "select coalesce(bool_or(outcome = 'done'), false),
                extract(epoch from now() - max(started_at + coalesce(took_ms, 0) * interval '1 ms'))::float8
         from attempt
         where delivery_id = $1 and step = $2 and (outcome is null or outcome in ('done', 'unknown'))",
    )
    .bind(delivery)
    .bind(step)
    .fetch_one(pool)
    .await?;
    // Less than nothing where a clock was set back.
    let since = since.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default());
    Ok(match (done, since) {
        (_, None) => Known::NotDone,
        (true, Some(since)) => Known::Done { since },
        (false, Some(since)) => Known::Unknown { since },
    })
}
