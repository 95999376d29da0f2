//! Questions of people who were erased.

use pg::{PgConnection, PgError};
use serde_json::{Value, json};

/// Remembers that a conversation is erased, and takes its questions' rows away from it; returns how many they
/// are. What was kept of its words goes with [`super::gaps::erase_in_tx`]. An answer takes minutes at most, so it is not remembered for long.
pub(crate) async fn erase(tx: &mut PgConnection, conversation_id: &str) -> Result<u64, PgError> {
    sqlx::query("delete from erased_conversation where at < now() - interval '1 day'")
        .execute(&mut *tx)
        .await?;
    sqlx::query("insert into erased_conversation (conversation_id) values ($1) on conflict do nothing")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    let unlinked = sqlx::query("update ledger set conversation_id = '' where conversation_id = $1")
        .bind(conversation_id)
        .execute(tx)
        .await?;
    Ok(unlinked.rows_affected())
}

/// Whether nobody is to be answered there any more.
pub(crate) async fn is_erased(tx: &mut PgConnection, conversation_id: &str) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar("select exists (select from erased_conversation where conversation_id = $1)")
        .bind(conversation_id)
        .fetch_one(tx)
        .await?)
}

/// How many questions of a conversation went to a model, and what is known of them.
pub(crate) async fn held(tx: &mut PgConnection, conversation_id: &str) -> Result<(i64, Value), PgError> {
    let rows: Vec<(String, i64, i64, i64, i64)> = sqlx::query_as(
        "select outcome, count(*), coalesce(sum(prompt_tokens), 0)::bigint,
                coalesce(sum(completion_tokens), 0)::bigint, coalesce(sum(cost_micros), 0)::bigint
         from ledger where conversation_id = $1 group by outcome order by outcome",
    )
    .bind(conversation_id)
    .fetch_all(tx)
    .await?;
    let count = rows.iter().map(|(_, count, ..)| count).sum();
    let outcomes = rows.iter().map(|(outcome, count, prompt, completion, cost)| {
        json!({
            "outcome": outcome, "questions": count, "prompt_tokens": prompt, "completion_tokens": completion,
            "cost_millionths_of_a_dollar": cost,
        })
    });
    Ok((count, json!({ "words_kept": false, "by_outcome": outcomes.collect::<Vec<_>>() })))
}
