//! What somebody may want to look at: budgets that run low, answers that are out of the common.

use ids::EventId;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// A budget has reached a share of what it may be.
pub(crate) struct Reached {
    pub(crate) event_id: EventId,
    pub(crate) scope: String,
    /// Empty for a person and for all together.
    pub(crate) scope_id: String,
    pub(crate) period: String,
    pub(crate) percent: i32,
    pub(crate) calls: i64,
    /// Millionths of a US dollar.
    pub(crate) spent_micros: i64,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn reached(tx: &mut PgConnection, facts: &[Reached]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into budget_reached (event_id, scope, scope_id, period, percent, calls, spent_micros, at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[],
             $7::bigint[], $8::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.scope.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.scope_id.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.period.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.percent).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.calls).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.spent_micros).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// An answer that is out of the common.
pub(crate) struct Anomaly {
    pub(crate) event_id: EventId,
    pub(crate) request_id: String,
    pub(crate) bot: String,
    pub(crate) kind: String,
    /// Milliseconds, tokens, or thousandths of confidence.
    pub(crate) value: i64,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) prompt: String,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn seen(tx: &mut PgConnection, facts: &[Anomaly]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into anomaly (event_id, request_id, bot, kind, value, provider, model, prompt, at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
             $7::text[], $8::text[], $9::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.event_id.0.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.request_id.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.kind.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.value).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.provider.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.model.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.prompt.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
