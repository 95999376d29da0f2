use events::message::llm::ModelAnswered;
use events::message::llm::model_answered::Outcome;
use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

pub(crate) async fn requested(
    tx: &mut PgConnection,
    request: Uuid,
    conversation: Uuid,
    bot: &str,
    at: Timestamp,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into model_request (request_id, conversation_id, bot, at) values ($1, $2, $3, $4)
         on conflict do nothing",
    )
    .bind(request)
    .bind(conversation)
    .bind(bot)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn answered(
    tx: &mut PgConnection,
    request: Uuid,
    conversation: Uuid,
    at: Timestamp,
    fact: &ModelAnswered,
) -> Result<(), PgError> {
    let outcome = match fact.outcome() {
        Outcome::Answered => "answered",
        Outcome::Unknown => "unknown",
        Outcome::Failed | Outcome::Unspecified => "failed",
    };
    sqlx::query(
        "insert into model_answer (request_id, conversation_id, bot, outcome, provider, model, prompt_tokens,
                                   completion_tokens, cost_micros, took_ms, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
    )
    .bind(request)
    .bind(conversation)
    .bind(&fact.bot)
    .bind(outcome)
    .bind(&fact.provider)
    .bind(&fact.model)
    .bind(fact.prompt_tokens)
    .bind(fact.completion_tokens)
    .bind(fact.cost_micros)
    .bind(fact.took_ms)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}
