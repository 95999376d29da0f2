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

/// What is known of a step of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It was never called, or each call has failed for certain.
    NotDone,
    /// A call was cut off, or no answer came.
    Unknown,
    /// It is done; what came of it may have got lost with its process.
    Done,
}

pub(crate) async fn known(pool: &Pool, delivery: &str, step: &str) -> Result<Known, PgError> {
    let (done, unknown): (bool, bool) = sqlx::query_as(
        "select coalesce(bool_or(outcome = 'done'), false),
                coalesce(bool_or(outcome is null or outcome = 'unknown'), false)
         from attempt where delivery_id = $1 and step = $2",
    )
    .bind(delivery)
    .bind(step)
    .fetch_one(pool)
    .await?;
    Ok(match (done, unknown) {
        (true, _) => Known::Done,
        (false, true) => Known::Unknown,
        (false, false) => Known::NotDone,
    })
}
