//! Deliveries that were given up, and are to be made after all.

use events::Trail;
use ids::{Timestamp, Uuid};
use pg::{PgConnection, PgError, Pool};

use super::{job, link};

/// Seconds within which a CRM may still do, or not yet show, what it did not answer: a minute and a half, and the minute that
/// a call may take.
const UNSETTLED: f64 = 150.0;

/// Puts what was given up for this account or endpoint since then back into the queue, in the order of the deliveries.
/// Returns how many.
pub(crate) async fn drive(tx: &mut PgConnection, name: &str, since: Timestamp) -> Result<u64, PgError> {
    let mut driven = 0;
    for letter in given_up(tx, name, since).await?.into_iter().chain(reads_given_up(tx, name, since).await?) {
        driven += u64::from(jobs::replay(tx, letter).await?);
    }
    Ok(driven)
}

/// The names that deliveries and deals are kept under: those of the settings, and those that were taken out of them.
pub(crate) async fn names(pool: &Pool) -> Result<Vec<String>, PgError> {
    Ok(sqlx::query_scalar("select endpoint from delivery union select account from crm_link")
        .fetch_all(pool)
        .await?)
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

/// The dead letters of deals of this account that were to be read since then.
async fn reads_given_up(tx: &mut PgConnection, name: &str, since: Timestamp) -> Result<Vec<i64>, PgError> {
    Ok(sqlx::query_scalar(
        "select id from dead_letter where kind = 'job' and source = 'crm.read'
             and starts_with(key, $1 || ' deal ') and created_at >= $2 order by id",
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
         where j.queue in ('crm.deal', 'crm.read') and j.state in (0, 2) and j.run_at > now() and starts_with(j.key, $1 || ' ')
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

/// What becomes of a lead that a person wants delivered once more.
pub(crate) enum Again {
    /// It has a job again.
    Driven,
    /// Its dead letter is to be replayed.
    GivenUp(i64),
    OnItsWay,
    NotKept,
}

/// Drives one lead again. A delivered one of an account forgets its deal, so that it is looked for by its mark and made
/// where it is not there; a note that was put on it is looked for too (`may_be_gone`: the steps that did so, of an account).
pub(crate) async fn lead(
    tx: &mut PgConnection,
    name: &str,
    lead: Uuid,
    may_be_gone: &[&str],
    trail: &Trail,
) -> Result<Again, PgError> {
    let row: Option<(String, String)> = sqlx::query_as(
        "select id, state from delivery where endpoint = $1 and lead_id = $2 and kind = 'lead' for update",
    )
    .bind(name)
    .bind(lead)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((delivery, state)) = row else { return Ok(Again::NotKept) };
    let letter = "select id from dead_letter where kind = 'job' and source in ('crm.deliver', 'crm.deal')
                  and convert_from(payload, 'UTF8')::jsonb->>'delivery_id' = $1 order by id limit 1";
    if let Some(letter) = sqlx::query_scalar(letter).bind(&delivery).fetch_optional(&mut *tx).await? {
        return Ok(Again::GivenUp(letter));
    }
    let job = "select true from job where queue in ('crm.deliver', 'crm.deal')
               and convert_from(payload, 'UTF8')::jsonb->>'delivery_id' = $1 limit 1";
    if sqlx::query_scalar::<_, bool>(job).bind(&delivery).fetch_optional(&mut *tx).await?.is_some() {
        return Ok(Again::OnItsWay);
    }
    let conversation: Option<String> =
        sqlx::query_scalar("select conversation_id from crm_link where lead_id = $1 and account = $2")
            .bind(lead)
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
    if state == "delivered" && conversation.is_some() {
        forget_deal(tx, name, lead, &delivery, may_be_gone).await?;
    }
    sqlx::query("update delivery set state = 'waiting', ended_at = null where id = $1")
        .bind(&delivery)
        .execute(&mut *tx)
        .await?;
    let (queue, key, payload) = match conversation {
        Some(conversation) => (
            "crm.deal",
            link::job_key(name, &conversation, lead),
            serde_json::json!({ "delivery_id": delivery, "account": name, "lead_id": lead }),
        ),
        None => ("crm.deliver", delivery.clone(), serde_json::json!({ "delivery_id": delivery })),
    };
    job::put(tx, (queue, &key), &payload, trail).await?;
    Ok(Again::Driven)
}

async fn forget_deal(
    tx: &mut PgConnection,
    account: &str,
    lead: Uuid,
    delivery: &str,
    steps: &[&str],
) -> Result<(), PgError> {
    sqlx::query(
        "update crm_link set deal = null, joined = false, contact = null where lead_id = $1 and account = $2",
    )
    .bind(lead)
    .bind(account)
    .execute(&mut *tx)
    .await?;
    // It was done; whether it is still there nobody knows.
    sqlx::query("update attempt set outcome = 'unknown' where delivery_id = $1 and outcome = 'done' and step = any($2)")
        .bind(delivery)
        .bind(steps)
        .execute(tx)
        .await?;
    Ok(())
}
