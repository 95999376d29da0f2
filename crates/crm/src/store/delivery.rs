use ids::{Pii, Uuid};
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

/// A lead on its way to one endpoint.
pub(crate) struct Delivery {
    pub(crate) lead_id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) body: Pii<String>,
}

/// Keeps a new delivery; false where it is there already.
pub(crate) async fn insert(tx: &mut PgConnection, id: &str, delivery: &Delivery) -> Result<bool, PgError> {
    let done = sqlx::query(
        "insert into delivery (id, lead_id, endpoint, body) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(id)
    .bind(delivery.lead_id)
    .bind(&delivery.endpoint)
    .bind(delivery.body.expose())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A delivery that is still to be made.
pub(crate) async fn waiting(pool: &Pool, id: &str) -> Result<Option<Delivery>, PgError> {
    let row = sqlx::query("select lead_id, endpoint, body from delivery where id = $1 and state <> 'delivered'")
        .bind(id)
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        Ok(Delivery {
            lead_id: row.try_get("lead_id")?,
            endpoint: row.try_get("endpoint")?,
            body: Pii::new(row.try_get("body")?),
        })
    })
    .transpose()
}

/// Ends deliveries; returns the lead and endpoint of each.
pub(crate) async fn end(
    tx: &mut PgConnection,
    ids: &[String],
    state: &str,
) -> Result<Vec<(String, Uuid, String)>, PgError> {
    let rows = sqlx::query(
        "update delivery set state = $2, ended_at = now() where id = any($1) returning id, lead_id, endpoint",
    )
    .bind(ids)
    .bind(state)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}
