//! `mapping`: what was published for each account, version after version.

use ids::Timestamp;
use pg::{PgError, Pool, in_time};
use sqlx::Row;
use sqlx::postgres::PgRow;

/// Of the settings file's mapping.
pub(crate) const OF_THE_FILE: i32 = 0;
/// Versions that a person looks through.
const LISTED: i64 = 100;

/// One that was published.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) version: i32,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    /// The version that it repeats.
    pub(crate) again: Option<i32>,
    /// As it was written; this program may be older than who wrote it.
    pub(crate) mapping: serde_json::Value,
}

fn published(row: &PgRow) -> Result<Published, PgError> {
    let at: jiff_sqlx::Timestamp = row.try_get("published_at")?;
    Ok(Published {
        version: row.try_get("version")?,
        at: at.to_jiff(),
        by: row.try_get("published_by")?,
        again: row.try_get("again")?,
        mapping: row.try_get("mapping")?,
    })
}

/// The newest of an account, or this version.
pub(crate) async fn of(
    pool: &Pool,
    account: &str,
    version: Option<i32>,
) -> Result<Option<Published>, PgError> {
    let newest = sqlx::query(
        "select * from mapping where account = $1 and ($2::int is null or version = $2)
         order by version desc limit 1",
    );
    let row =
        in_time(async { Ok::<_, PgError>(newest.bind(account).bind(version).fetch_optional(pool).await?) });
    row.await?.as_ref().map(published).transpose()
}

/// The last of an account, the newest first.
pub(crate) async fn history(pool: &Pool, account: &str) -> Result<Vec<Published>, PgError> {
    let rows = sqlx::query("select * from mapping where account = $1 order by version desc limit $2")
        .bind(account)
        .bind(LISTED)
        .fetch_all(pool)
        .await?;
    rows.iter().map(published).collect()
}

/// The newest of every account that has one.
pub(crate) async fn newest(pool: &Pool) -> Result<Vec<(String, Published)>, PgError> {
    let rows = sqlx::query("select distinct on (account) * from mapping order by account, version desc")
        .fetch_all(pool)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("account")?, published(row)?))).collect()
}

/// What is to be published.
pub(crate) struct New<'a> {
    pub(crate) account: &'a str,
    pub(crate) based_on: i32,
    pub(crate) mapping: &'a serde_json::Value,
    pub(crate) by: &'a str,
    pub(crate) again: Option<i32>,
}

/// Publishes behind the version that it was made of; `None` where another one stands there by now.
pub(crate) async fn publish(pool: &Pool, new: &New<'_>) -> Result<Option<Published>, PgError> {
    let row = sqlx::query(
        "insert into mapping (account, version, mapping, published_by, again)
         select $1, $2 + 1, $3, $4, $5
         where coalesce((select max(version) from mapping where account = $1), 0) = $2
         on conflict do nothing returning *",
    )
    .bind(new.account)
    .bind(new.based_on)
    .bind(new.mapping)
    .bind(new.by)
    .bind(new.again)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(published).transpose()
}
