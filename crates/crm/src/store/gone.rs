use pg::{PgError, Pool};

/// Whether the endpoint has said, at this same address, that it is gone.
pub(crate) async fn is_gone(pool: &Pool, endpoint: &str, url_hash: &str) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar("select exists (select from gone_endpoint where endpoint = $1 and url_hash = $2)")
        .bind(endpoint)
        .bind(url_hash)
        .fetch_one(pool)
        .await?)
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
