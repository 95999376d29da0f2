//! The way each question took from model to model.

use pg::{PgConnection, PgError};
use sqlx::types::Json;

use crate::answering::Route;

/// Writes the way of a question, and what its prompt was chosen for (`consultation (sources)`), whose row in the ledger was written in this transaction.
pub(crate) async fn insert_in_tx(
    tx: &mut PgConnection,
    request_id: &str,
    route: &Route,
    context: &str,
) -> Result<(), PgError> {
    if route.mode.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into route (request_id, mode, tier, reason, tried, context) values ($1, $2, $3, $4, $5, $6)
         on conflict (request_id) do nothing",
    )
    .bind(request_id.replace('\0', ""))
    .bind(route.mode)
    .bind(route.tier)
    .bind(route.reason.replace('\0', ""))
    .bind(Json(&route.tried))
    .bind(context)
    .execute(tx)
    .await?;
    Ok(())
}
