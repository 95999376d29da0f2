//! Deliveries that were given up, and are to be made after all.

use ids::Timestamp;
use pg::{PgConnection, PgError, Pool};

/// Puts what was given up for this account or endpoint since then back into the queue, in the order of the deliveries.
/// Returns how many.
pub(crate) async fn drive(tx: &mut PgConnection, name: &str, since: Timestamp) -> Result<u64, PgError> {
    let mut driven = 0;
    for letter in given_up(tx, name, since).await? {
        driven += u64::from(jobs::replay(tx, letter).await?);
    }
    Ok(driven)
}

/// The dead letters of deliveries to this account or endpoint since then, in the order of the deliveries.
async fn given_up(tx: &mut PgConnection, name: &str, since: Timestamp) -> Result<Vec<i64>, PgError> {
    Ok(sqlx::query_scalar(
        "select l.id from dead_letter l
         join delivery d on d.id = convert_from(l.payload, 'UTF8')::jsonb->>'delivery_id'
         where l.kind = 'job' and l.source in ('crm.deliver', 'crm.deal')
           and d.endpoint = $1 and l.created_at >= $2
         order by d.created_at, l.id",
    )
    .bind(name)
    .bind(jiff_sqlx::Timestamp::from(since))
    .fetch_all(tx)
    .await?)
}

/// Ends the pauses of these limits.
pub(crate) async fn unpause(tx: &mut PgConnection, keys: &[String]) -> Result<(), PgError> {
    sqlx::query("update rate_limit set paused_until = null where key = any($1)")
        .bind(keys)
        .execute(tx)
        .await?;
    Ok(())
}

/// What is kept of a delivery, as it goes there.
pub(crate) async fn body(pool: &Pool, delivery: &str) -> Result<Option<String>, PgError> {
    Ok(sqlx::query_scalar("select body from delivery where id = $1")
        .bind(delivery)
        .fetch_optional(pool)
        .await?)
}
