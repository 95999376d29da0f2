//! The ledger: one row per question.

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

use crate::domain::answer::Usage;

/// Postgres takes no NUL in a text, and an answer must not fail over one.
fn text(value: &str) -> String {
    value.replace('\0', "")
}

/// How a question ended.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) conversation_id: &'a str,
    pub(crate) bot: &'a str,
    /// "answered", "unknown", "failed" or "superseded".
    pub(crate) outcome: &'static str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    /// `system@3`.
    pub(crate) prompt: &'a str,
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    pub(crate) attempts: u32,
    pub(crate) took_ms: i64,
    pub(crate) ended_at: Timestamp,
}

/// A question that ended, as it is read afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Spent {
    pub ended_at: Timestamp,
    /// "answered", "unknown" or "failed".
    pub outcome: String,
    /// Why there is no answer, or why it is not the provider's.
    pub reason: Option<String>,
    pub provider: String,
    pub model: String,
    /// `system@3`.
    pub prompt: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Millionths of a US dollar.
    pub cost_micros: i64,
    pub took_ms: i64,
}

/// What the questions of a conversation came to, oldest first.
///
/// # Errors
/// What the database refuses.
pub async fn of_conversation(pool: &Pool, conversation_id: &str) -> Result<Vec<Spent>, PgError> {
    let rows = sqlx::query(
        "select ended_at, outcome, reason, provider, model, prompt, prompt_tokens, completion_tokens, cost_micros, took_ms
         from ledger where conversation_id = $1 order by ended_at",
    )
    .bind(conversation_id)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let ended_at: jiff_sqlx::Timestamp = row.try_get(0)?;
            Ok(Spent {
                ended_at: ended_at.to_jiff(),
                outcome: row.try_get(1)?,
                reason: row.try_get(2)?,
                provider: row.try_get(3)?,
                model: row.try_get(4)?,
                prompt: row.try_get(5)?,
                prompt_tokens: row.try_get(6)?,
                completion_tokens: row.try_get(7)?,
                cost_micros: row.try_get(8)?,
                took_ms: row.try_get(9)?,
            })
        })
        .collect()
}

/// Writes the end of a question; whether it had none before. Only then may its answer be published.
pub(crate) async fn insert_in_tx(tx: &mut PgConnection, entry: &Entry<'_>) -> Result<bool, PgError> {
    let done = sqlx::query(
        "insert into ledger (request_id, conversation_id, bot, outcome, reason, provider, model, prompt,
             prompt_tokens, cached_tokens, completion_tokens, usage_reported, cost_micros, attempts, took_ms, ended_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (request_id) do nothing",
    )
    .bind(text(entry.request_id))
    .bind(text(entry.conversation_id))
    .bind(text(entry.bot))
    .bind(entry.outcome)
    .bind(entry.reason)
    .bind(entry.provider)
    .bind(text(entry.model))
    .bind(entry.prompt)
    .bind(entry.usage.prompt)
    .bind(entry.usage.cached)
    .bind(entry.usage.completion)
    .bind(entry.usage.reported)
    .bind(entry.cost_micros)
    .bind(i32::try_from(entry.attempts).unwrap_or(i32::MAX))
    .bind(entry.took_ms)
    .bind(entry.ended_at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
