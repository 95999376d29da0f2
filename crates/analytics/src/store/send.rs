use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// One message that went out, or was given up.
pub(crate) struct Send {
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) source: String,
    pub(crate) outcome: String,
    /// None where nothing was asked.
    pub(crate) received_at: Option<Timestamp>,
    pub(crate) sent_at: Timestamp,
}

/// Writes them. They have no id of their own: that each is written once is the inbox's doing.
pub(crate) async fn insert(tx: &mut PgConnection, facts: &[Send]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into send (conversation_id, bot, source, outcome, received_at, sent_at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
             $6::timestamptz[])",
    )
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.source.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.outcome.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.received_at).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.sent_at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
