use std::collections::HashSet;

use ids::{Pii, Uuid};
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

/// A lead on its way to one endpoint.
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) lead_id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) body: Pii<String>,
}

/// How a delivery ended.
pub(crate) struct Ended {
    pub(crate) id: String,
    pub(crate) lead_id: Uuid,
    pub(crate) endpoint: String,
    /// All that were made, over replays too.
    pub(crate) attempts: i32,
    /// Of the last attempt; 0 where there was no answer.
    pub(crate) status: i32,
}

/// Keeps new deliveries; returns the ids of those that were not there before.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    deliveries: &[Delivery],
) -> Result<HashSet<String>, PgError> {
    if deliveries.is_empty() {
        return Ok(HashSet::new());
    }
    let column = |of: fn(&Delivery) -> &str| deliveries.iter().map(of).collect::<Vec<_>>();
    let leads: Vec<Uuid> = deliveries.iter().map(|one| one.lead_id).collect();
    let fresh: Vec<String> = sqlx::query_scalar(
        "insert into delivery (id, lead_id, endpoint, body)
         select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[])
         on conflict do nothing returning id",
    )
    .bind(column(|one| &one.id))
    .bind(leads)
    .bind(column(|one| &one.endpoint))
    .bind(column(|one| one.body.expose()))
    .fetch_all(tx)
    .await?;
    Ok(fresh.into_iter().collect())
}

/// A delivery that is still to be made, or to be made after all.
pub(crate) async fn waiting(pool: &Pool, id: &str) -> Result<Option<Delivery>, PgError> {
    let row = sqlx::query(
        "select id, lead_id, endpoint, body from delivery where id = $1 and state <> 'delivered'",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Delivery {
            id: row.try_get("id")?,
            lead_id: row.try_get("lead_id")?,
            endpoint: row.try_get("endpoint")?,
            body: Pii::new(row.try_get("body")?),
        })
    })
    .transpose()
}

/// Ends deliveries as "delivered" or "failed", but none that was delivered before.
pub(crate) async fn end(tx: &mut PgConnection, ids: &[&str], state: &str) -> Result<Vec<Ended>, PgError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "update delivery d set state = $2, ended_at = now()
         where id = any($1) and state <> 'delivered'
         returning d.id, d.lead_id, d.endpoint,
             (select count(*) from attempt a where a.delivery_id = d.id)::int as attempts,
             coalesce((select a.status from attempt a where a.delivery_id = d.id order by a.n desc limit 1), 0)
                 as status",
    )
    .bind(ids)
    .bind(state)
    .fetch_all(tx)
    .await?;
    let read = |row: sqlx::postgres::PgRow| {
        Ok(Ended {
            id: row.try_get("id")?,
            lead_id: row.try_get("lead_id")?,
            endpoint: row.try_get("endpoint")?,
            attempts: row.try_get("attempts")?,
            status: row.try_get("status")?,
        })
    };
    rows.into_iter().map(read).collect()
}
