//! Deliveries that were given up, and are to be made after all.

use events::Trail;
use ids::{Timestamp, Uuid};
use pg::{PgConnection, PgError, Pool};

use super::link;

/// The dead letters of deliveries to this account or endpoint since then, in the order of the deliveries.
pub(crate) async fn given_up(
    tx: &mut PgConnection,
    name: &str,
    since: Timestamp,
) -> Result<Vec<i64>, PgError> {
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
    sqlx::query("insert into job (queue, key, payload, trace, correlation) values ($1, $2, $3, $4, $5)")
        .bind(queue)
        .bind(key)
        .bind(payload.to_string().into_bytes())
        .bind(trail.trace.to_string())
        .bind(&trail.correlation.0)
        .execute(tx)
        .await?;
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
