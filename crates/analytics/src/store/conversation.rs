use events::message::bot::{ConversationStarted, FlowMoved, HandoffRequested};
use ids::{EventId, Uuid};
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

pub(crate) async fn started(
    tx: &mut PgConnection,
    conversation: Uuid,
    at: Timestamp,
    fact: &ConversationStarted,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into conversation_started (conversation_id, bot, chat_kind, language, start_payload, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(conversation)
    .bind(&fact.bot)
    .bind(&fact.chat_kind)
    .bind(&fact.language)
    .bind(&fact.start_payload)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn flow_moved(
    tx: &mut PgConnection,
    event: &EventId,
    conversation: Uuid,
    at: Timestamp,
    fact: &FlowMoved,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into flow_moved (event_id, conversation_id, bot, flow, movement, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&event.0)
    .bind(conversation)
    .bind(&fact.bot)
    .bind(&fact.flow)
    .bind(&fact.movement)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn handoff(
    tx: &mut PgConnection,
    event: &EventId,
    conversation: Uuid,
    at: Timestamp,
    fact: &HandoffRequested,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into handoff (event_id, conversation_id, bot, reason, at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(&event.0)
    .bind(conversation)
    .bind(&fact.bot)
    .bind(&fact.reason)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}
