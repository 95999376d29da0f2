use events::message::bot::LeadCaptured;
use events::message::crm::DeliveryEnded;
use ids::{EventId, Uuid};
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

pub(crate) async fn captured(
    tx: &mut PgConnection,
    lead: Uuid,
    conversation: Uuid,
    at: Timestamp,
    fact: &LeadCaptured,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into lead (lead_id, conversation_id, bot, temperature, score, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(lead)
    .bind(conversation)
    .bind(&fact.bot)
    .bind(&fact.temperature)
    .bind(fact.score)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn delivered(
    tx: &mut PgConnection,
    event: &EventId,
    lead: Uuid,
    at: Timestamp,
    fact: &DeliveryEnded,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into delivery (event_id, lead_id, endpoint, outcome, attempts, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&event.0)
    .bind(lead)
    .bind(&fact.endpoint)
    .bind(&fact.outcome)
    .bind(fact.attempts)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}
