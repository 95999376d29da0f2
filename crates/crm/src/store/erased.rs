//! What is held of people's leads, and the leads of people who were erased.

use std::collections::HashSet;

use ids::Uuid;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};
use serde_json::{Value, json};

/// Of a person's deliveries more are not told one by one.
const MOST: i64 = 500;

/// Keeps those who deliver these leads and those who erase them apart, until the end of the transaction.
async fn lock(tx: &mut PgConnection, leads: &[Uuid]) -> Result<(), PgError> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended('lead ' || id, 0))
         from (select unnest($1::uuid[]) as id order by 1) leads",
    )
    .bind(leads)
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these leads whose person was erased: they are not to be delivered.
pub(crate) async fn of(tx: &mut PgConnection, leads: &[Uuid]) -> Result<HashSet<Uuid>, PgError> {
    lock(tx, leads).await?;
    let erased: Vec<Uuid> = sqlx::query_scalar("select lead_id from erased_lead where lead_id = any($1)")
        .bind(leads)
        .fetch_all(tx)
        .await?;
    Ok(erased.into_iter().collect())
}

/// What was erased, and where it went before.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    pub(crate) deliveries: i64,
    pub(crate) attempts: i64,
    /// The keys of their jobs.
    pub(crate) ids: Vec<String>,
    /// Endpoints that have, or may have, received leads, and how many.
    pub(crate) received: Vec<(String, i64)>,
}

/// Deletes the deliveries of these leads, and remembers that the leads are erased: one may still be on its way
/// here. Remembered for longer than a stream keeps its events.
pub(crate) async fn erase(tx: &mut PgConnection, leads: &[Uuid]) -> Result<Gone, PgError> {
    lock(tx, leads).await?;
    sqlx::query("insert into erased_lead (lead_id) select unnest($1::uuid[]) on conflict do nothing")
        .bind(leads)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from erased_lead where at < now() - interval '15 days'").execute(&mut *tx).await?;
    let received = sqlx::query_as(
        "select d.endpoint, count(*) from delivery d
         where d.lead_id = any($1) and (d.state = 'delivered' or exists (
             select from attempt a where a.delivery_id = d.id
                 and (a.outcome is null or a.outcome in ('delivered', 'unknown'))))
         group by d.endpoint order by d.endpoint",
    )
    .bind(leads)
    .fetch_all(&mut *tx)
    .await?;
    let attempts = sqlx::query_scalar(
        "select count(*) from attempt a join delivery d on d.id = a.delivery_id where d.lead_id = any($1)",
    )
    .bind(leads)
    .fetch_one(&mut *tx)
    .await?;
    let ids: Vec<String> = sqlx::query_scalar("delete from delivery where lead_id = any($1) returning id")
        .bind(leads)
        .fetch_all(tx)
        .await?;
    Ok(Gone { deliveries: i64::try_from(ids.len()).unwrap_or(i64::MAX), attempts, ids, received })
}

/// Where a person's leads went: how many deliveries, and the newest of them.
pub(crate) async fn held(tx: &mut PgConnection, leads: &[Uuid]) -> Result<(i64, Vec<Value>), PgError> {
    let count = sqlx::query_scalar("select count(*) from delivery where lead_id = any($1)")
        .bind(leads)
        .fetch_one(&mut *tx)
        .await?;
    let rows: Vec<(Uuid, String, String, At, Option<At>, i64)> = sqlx::query_as(
        "select d.lead_id, d.endpoint, d.state, d.created_at, d.ended_at,
                (select count(*) from attempt a where a.delivery_id = d.id)
         from delivery d where d.lead_id = any($1) order by d.created_at desc limit $2",
    )
    .bind(leads)
    .bind(MOST)
    .fetch_all(tx)
    .await?;
    let row = |(lead_id, endpoint, state, created, ended, attempts): (_, _, _, At, Option<At>, _)| {
        let (lead_id, endpoint, state): (Uuid, String, String) = (lead_id, endpoint, state);
        let attempts: i64 = attempts;
        json!({
            "lead_id": lead_id, "endpoint": endpoint, "state": state, "created_at": created.to_jiff(),
            "ended_at": ended.map(At::to_jiff), "attempts": attempts,
            "payload": "the lead as it stands in leads.json",
        })
    };
    Ok((count, rows.into_iter().map(row).collect()))
}
