use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// A model was asked.
pub(crate) struct Requested {
    pub(crate) request_id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn requested(tx: &mut PgConnection, facts: &[Requested]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into model_request (request_id, conversation_id, bot, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.request_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// The end of a question to a model.
pub(crate) struct Answered {
    pub(crate) request_id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) outcome: &'static str,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    /// Millionths of a US dollar.
    pub(crate) cost_micros: i64,
    pub(crate) took_ms: i64,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn answered(tx: &mut PgConnection, facts: &[Answered]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into model_answer (request_id, conversation_id, bot, outcome, provider, model,
            prompt_tokens, completion_tokens, cost_micros, took_ms, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
             $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
             $11::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.request_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.outcome).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.provider.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.model.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.prompt_tokens).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.completion_tokens).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.cost_micros).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.took_ms).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
