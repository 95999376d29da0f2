//! Which lead a conversation has left, for the ledger.

use pg::{PgConnection, PgError};

/// The conversation's questions are this lead's, those that are there and those to come. Of an erased conversation
/// nothing is learnt.
pub(crate) async fn learn_in_tx(
    tx: &mut PgConnection,
    conversation_id: &str,
    lead_id: &str,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into conversation_lead (conversation_id, lead_id)
         select $1, $2 where not exists (select from erased_conversation where conversation_id = $1)
         on conflict (conversation_id) do update set lead_id = excluded.lead_id",
    )
    .bind(conversation_id)
    .bind(lead_id)
    .execute(&mut *tx)
    .await?;
    // A lead before this one keeps what was asked on the way to it.
    sqlx::query("update ledger set lead_id = $2 where conversation_id = $1 and lead_id = ''")
        .bind(conversation_id)
        .bind(lead_id)
        .execute(tx)
        .await?;
    Ok(())
}
