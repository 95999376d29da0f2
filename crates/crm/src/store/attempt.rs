use ids::Pii;
use pg::{PgConnection, PgError, Pool};

/// How one attempt ended.
pub(crate) struct Attempt {
    pub(crate) delivery_id: String,
    /// From 1, counted over replays too.
    pub(crate) n: i32,
    /// "delivered", "refused", "unknown" or "not_sent".
    pub(crate) outcome: &'static str,
    pub(crate) took_ms: i64,
    pub(crate) status: Option<u16>,
    pub(crate) note: Pii<String>,
}

/// Notes that an attempt begins, before the call; returns its number.
pub(crate) async fn begin(pool: &Pool, delivery: &str) -> Result<i32, PgError> {
    Ok(sqlx::query_scalar(
        "insert into attempt (delivery_id, n)
         select $1, coalesce(max(n), 0) + 1 from attempt where delivery_id = $1 returning n",
    )
    .bind(delivery)
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
