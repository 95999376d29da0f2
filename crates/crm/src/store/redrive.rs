//! Deliveries that were given up, and are to be made after all.

use ids::Timestamp;
use pg::{PgConnection, PgError, Pool};

/// Seconds within which a CRM may still do, or not yet show, what it did not answer: a minute and a half, and the minute that
/// a call may take.
const UNSETTLED: f64 = 150.0;

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

/// Lets an account be called at once: ends the pauses of its limits, and what waits for it runs now. The line of those who
/// were told to come back after a pause goes with it, for whoever is new would stand behind it. What nobody knows the outcome of
/// keeps its time: the CRM may still be at work on it, and who looks too soon does not find it.
pub(crate) async fn resume(tx: &mut PgConnection, account: &str, limits: &[String]) -> Result<(), PgError> {
    sqlx::query(
        "update job j set run_at = now()
         where j.queue = 'crm.deal' and j.state in (0, 2) and j.run_at > now() and starts_with(j.key, $1 || ' ')
           and not exists (
               select from attempt a
               where a.delivery_id = convert_from(j.payload, 'UTF8')::jsonb->>'delivery_id'
                 and (a.outcome is null or a.outcome = 'unknown')
                 and a.started_at + make_interval(secs => coalesce(a.took_ms, 0) / 1000.0) > now() - $2 * interval '1 second')",
    )
    .bind(account)
    .bind(UNSETTLED)
    .execute(&mut *tx)
    .await?;
    // In this order, which is also that of a claim.
    sqlx::query("update rate_limit set paused_until = null, tail = null where key = any($1)")
        .bind(limits)
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
