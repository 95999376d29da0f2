use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError};

/// A lead was captured.
pub(crate) struct Lead {
    pub(crate) lead_id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) temperature: String,
    pub(crate) score: i32,
    pub(crate) at: Timestamp,
}

/// Writes them; one that is there already stays.
pub(crate) async fn captured(tx: &mut PgConnection, facts: &[Lead]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into lead (lead_id, conversation_id, bot, temperature, score, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[],
             $6::timestamptz[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|fact| fact.lead_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.conversation_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.bot.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.temperature.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.score).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// What became of a lead at an endpoint, so far.
pub(crate) struct Delivery {
    pub(crate) lead_id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) outcome: String,
    pub(crate) attempts: i32,
    pub(crate) at: Timestamp,
}

/// Writes them, each lead and endpoint once; the latest counts, for a delivery that failed may be replayed.
pub(crate) async fn delivered(tx: &mut PgConnection, facts: &[Delivery]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into delivery (lead_id, endpoint, outcome, attempts, at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[])
         on conflict (lead_id, endpoint) do update
         set outcome = excluded.outcome, attempts = excluded.attempts, at = excluded.at
         where delivery.at <= excluded.at",
    )
    .bind(facts.iter().map(|fact| fact.lead_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.endpoint.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.outcome.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.attempts).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
