use pg::{PgError, Pool};

/// Notes that an attempt begins, before the call; returns its number, counted over replays too.
pub(crate) async fn begin(pool: &Pool, delivery: &str) -> Result<i32, PgError> {
    Ok(sqlx::query_scalar(
        "insert into attempt (delivery_id, n)
         select $1, coalesce(max(n), 0) + 1 from attempt where delivery_id = $1 returning n",
    )
    .bind(delivery)
    .fetch_one(pool)
    .await?)
}

/// Notes how it ended.
pub(crate) async fn end(
    pool: &Pool,
    delivery: &str,
    n: i32,
    took_ms: i64,
    status: Option<u16>,
    note: &str,
) -> Result<(), PgError> {
    sqlx::query("update attempt set took_ms = $3, status = $4, note = $5 where delivery_id = $1 and n = $2")
        .bind(delivery)
        .bind(n)
        .bind(took_ms)
        .bind(status.map(i32::from))
        .bind(note)
        .execute(pool)
        .await?;
    Ok(())
}
