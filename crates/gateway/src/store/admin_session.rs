//! `admin_session`: who has signed in to the admin pages.

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgError, Pool, in_time};

/// Keeps a session, and forgets those that are over.
pub(crate) async fn open(
    pool: &Pool,
    hash: &[u8; 32],
    name: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), PgError> {
    sqlx::query("delete from admin_session where expires_at <= $1").bind(now.to_sqlx()).execute(pool).await?;
    sqlx::query("insert into admin_session (hash, name, expires_at) values ($1, $2, $3)")
        .bind(hash)
        .bind(name)
        .bind(until.to_sqlx())
        .execute(pool)
        .await?;
    Ok(())
}

/// Whose session it is; none where it is over, or none of ours.
pub(crate) async fn of(pool: &Pool, hash: &[u8; 32], now: Timestamp) -> Result<Option<String>, PgError> {
    let found = sqlx::query_scalar("select name from admin_session where hash = $1 and expires_at > $2");
    in_time(async { Ok::<_, PgError>(found.bind(hash).bind(now.to_sqlx()).fetch_optional(pool).await?) })
        .await
}

pub(crate) async fn close(pool: &Pool, hash: &[u8; 32]) -> Result<(), PgError> {
    sqlx::query("delete from admin_session where hash = $1").bind(hash).execute(pool).await?;
    Ok(())
}
