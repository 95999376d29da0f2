//! Masked words of a few questions and answers.

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};

/// Words that were masked before they came here.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) asked: String,
    pub(crate) answered: String,
}

pub(crate) async fn insert_in_tx(
    tx: &mut PgConnection,
    request_id: &str,
    conversation_id: &str,
    sample: &Sample,
    at: Timestamp,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into sample (request_id, conversation_id, asked, answered, at) values ($1, $2, $3, $4, $5)
         on conflict (request_id) do nothing",
    )
    .bind(request_id)
    .bind(conversation_id)
    .bind(sample.asked.replace('\0', ""))
    .bind(sample.answered.replace('\0', ""))
    .bind(at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes those that are older.
pub(crate) async fn forget(pool: &Pool, before: Timestamp) -> Result<u64, PgError> {
    let done = sqlx::query("delete from sample where at < $1").bind(before.to_sqlx()).execute(pool).await?;
    Ok(done.rows_affected())
}
