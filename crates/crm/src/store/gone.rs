use ids::Timestamp;
use pg::{PgError, Pool};

/// Whether an endpoint may be called at its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// It has said that it is gone.
    Gone,
    /// It has, and a person has replayed this delivery since: they know better.
    TriedAgain,
}

/// What is known of the endpoint at this address, for a job that was enqueued then. The job of a new delivery is
/// written with it, at the same moment; one that was replayed is younger.
pub(crate) async fn door(
    pool: &Pool,
    endpoint: &str,
    url_hash: &str,
    delivery_id: &str,
    enqueued_at: Timestamp,
) -> Result<Door, PgError> {
    let replayed: Option<bool> = sqlx::query_scalar(
        "select d.created_at < $4 and g.at < $4
         from gone_endpoint g join delivery d on d.id = $3 where g.endpoint = $1 and g.url_hash = $2",
    )
    .bind(endpoint)
    .bind(url_hash)
    .bind(delivery_id)
    .bind(jiff_sqlx::Timestamp::from(enqueued_at))
    .fetch_optional(pool)
    .await?;
    Ok(match replayed {
        None => Door::Open,
        Some(false) => Door::Gone,
        Some(true) => Door::TriedAgain,
    })
}

pub(crate) async fn note(pool: &Pool, endpoint: &str, url_hash: &str) -> Result<(), PgError> {
    sqlx::query(
        "insert into gone_endpoint (endpoint, url_hash) values ($1, $2)
         on conflict (endpoint) do update set url_hash = excluded.url_hash, at = now()",
    )
    .bind(endpoint)
    .bind(url_hash)
    .execute(pool)
    .await?;
    Ok(())
}

/// It takes leads again, at this address.
pub(crate) async fn forget(pool: &Pool, endpoint: &str, url_hash: &str) -> Result<(), PgError> {
    sqlx::query("delete from gone_endpoint where endpoint = $1 and url_hash = $2")
        .bind(endpoint)
        .bind(url_hash)
        .execute(pool)
        .await?;
    Ok(())
}
