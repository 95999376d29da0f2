use ids::{EventId, Uuid};
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// A file has been looked through.
pub(crate) struct Checked {
    pub(crate) event_id: EventId,
    pub(crate) file_id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) outcome: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn checked(tx: &mut PgConnection, facts: &[Checked]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into file_checked (event_id, file_id, conversation_id, bot, outcome, media_type, size_bytes, at)
         select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
             $8::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.file_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.outcome.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.media_type.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.size_bytes).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
