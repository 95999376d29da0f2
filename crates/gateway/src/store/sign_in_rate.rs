//! `sign_in_rate`: how often somebody may try to sign in, counted for all replicas.

use ids::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use pg::{PgError, Pool, in_time};

/// So many at once, and one more whenever `per` is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) per: SignedDuration,
    pub(crate) burst: i32,
}

/// Takes a place, where there is one.
pub(crate) async fn take(pool: &Pool, key: &str, rate: Rate, now: Timestamp) -> Result<bool, PgError> {
    let per = rate.per;
    let (after, full) = (now.saturating_add(per), now.saturating_add(per * rate.burst));
    let (Ok(after), Ok(full)) = (after, full) else { return Ok(false) };
    let taken = sqlx::query(
        "insert into sign_in_rate (key, empty_at) values ($1, $3)
         on conflict (key) do update set empty_at = greatest(sign_in_rate.empty_at, $2) + ($3 - $2)
         where greatest(sign_in_rate.empty_at, $2) + ($3 - $2) <= $4",
    )
    .bind(key)
    .bind(now.to_sqlx())
    .bind(after.to_sqlx())
    .bind(full.to_sqlx());
    let done = in_time(async { Ok::<_, PgError>(taken.execute(pool).await?) }).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets those who have not tried lately.
pub(crate) async fn forget(pool: &Pool, now: Timestamp) -> Result<(), PgError> {
    sqlx::query("delete from sign_in_rate where empty_at <= $1").bind(now.to_sqlx()).execute(pool).await?;
    Ok(())
}
