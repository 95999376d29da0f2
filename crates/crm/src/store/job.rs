//! Jobs that are written where their queue is not at hand: a claim finds them.

use events::Trail;
use pg::{PgConnection, PgError};
use serde_json::Value;

/// Writes one behind what waits under its key.
pub(super) async fn put(
    tx: &mut PgConnection,
    (queue, key): (&str, &str),
    payload: &Value,
    trail: &Trail,
) -> Result<(), PgError> {
    sqlx::query("insert into job (queue, key, payload, trace, correlation) values ($1, $2, $3, $4, $5)")
        .bind(queue)
        .bind(key)
        .bind(payload.to_string().into_bytes())
        .bind(trail.trace.to_string())
        .bind(&trail.correlation.0)
        .execute(tx)
        .await?;
    Ok(())
}
