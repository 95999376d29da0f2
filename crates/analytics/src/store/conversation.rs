use ids::{EventId, Uuid};
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// A conversation began.
pub(crate) struct Started {
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) chat_kind: String,
    pub(crate) language: String,
    /// Of the link that brought the person; empty without one.
    pub(crate) start_payload: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn started(tx: &mut PgConnection, facts: &[Started]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into conversation_started (conversation_id, bot, chat_kind, language, start_payload,
            at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.chat_kind.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.language.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.start_payload.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A flow was entered or left.
pub(crate) struct Flow {
    pub(crate) event_id: EventId,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) flow: String,
    pub(crate) movement: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn flow_moved(tx: &mut PgConnection, facts: &[Flow]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into flow_moved (event_id, conversation_id, bot, flow, movement, at)
         select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.flow.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.movement.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A human was asked for.
pub(crate) struct Handoff {
    pub(crate) event_id: EventId,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn handoff(tx: &mut PgConnection, facts: &[Handoff]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into handoff (event_id, conversation_id, bot, reason, at)
         select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.reason.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// How a bot treats a person has changed.
pub(crate) struct Limit {
    pub(crate) event_id: EventId,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) change: String,
    pub(crate) why: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn limited(tx: &mut PgConnection, facts: &[Limit]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into limit_change (event_id, conversation_id, bot, change, why, at)
         select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.change.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.why.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
