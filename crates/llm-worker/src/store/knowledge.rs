//! Which versions' knowledge is still asked for.

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgError, Pool};

/// Notes that this knowledge of this folder is in use.
pub(crate) async fn touch(pool: &Pool, name: &str, folder: &str, at: Timestamp) -> Result<(), PgError> {
    sqlx::query(
        "insert into knowledge (name, folder, used_at) values ($1, $2, $3)
         on conflict (name) do update set used_at = greatest(knowledge.used_at, excluded.used_at)",
    )
    .bind(name)
    .bind(folder)
    .bind(at.to_sqlx())
    .execute(pool)
    .await?;
    Ok(())
}

/// Deletes what of this folder nobody has used since then. It is written again when somebody asks for it.
pub(crate) async fn prune(pool: &Pool, folder: &str, since: Timestamp) -> Result<u64, PgError> {
    let gone = sqlx::query(
        "with unused as (delete from knowledge where folder = $1 and used_at < $2 returning name)
         delete from document where bot in (select name from unused)",
    )
    .bind(folder)
    .bind(since.to_sqlx())
    .execute(pool)
    .await?;
    Ok(gone.rows_affected())
}
