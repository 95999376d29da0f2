//! Questions of people who were erased.

use std::collections::HashSet;

use pg::{PgConnection, PgError};
use serde_json::{Value, json};

use super::{budget, person};
use crate::money::counter::Slot;

/// What of a person was here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gone {
    /// Rows that say no longer whose question they were.
    pub(crate) unlinked: u64,
    /// Masked words that were kept.
    pub(crate) samples: u64,
    /// Who was behind the pseudonym, with their tier and what was counted for them: 1 if it was known.
    pub(crate) pseudonyms: u64,
    /// What is still to be taken out of the books.
    pub(crate) counted: Counted,
}

/// What was counted for a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    conversation_id: String,
    /// The pseudonym; empty where it was not known.
    person: String,
}

/// Remembers that a conversation is erased, and takes its questions' rows away from it and from whoever asked. An
/// answer takes minutes at most, so it is not remembered for long. The books are [`leave_books`]'s.
/// Whoever calls has [taken their turn](take_turns).
pub(crate) async fn erase(
    tx: &mut PgConnection,
    bot: &str,
    chat_id: i64,
    conversation_id: &str,
) -> Result<Gone, PgError> {
    sqlx::query("delete from erased_conversation where at < now() - interval '1 day'")
        .execute(&mut *tx)
        .await?;
    sqlx::query("insert into erased_conversation (conversation_id) values ($1) on conflict do nothing")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    let pseudonym = person::forget_in_tx(tx, bot, chat_id).await?;
    let unlinked = sqlx::query(
        "update ledger set conversation_id = '', person = '', lead_id = '' where conversation_id = $1",
    )
    .bind(conversation_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from conversation_lead where conversation_id = $1")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    let samples = sqlx::query("delete from sample where conversation_id = $1")
        .bind(conversation_id)
        .execute(tx)
        .await?;
    Ok(Gone {
        unlinked: unlinked.rows_affected(),
        samples: samples.rows_affected(),
        pseudonyms: u64::from(pseudonym.is_some()),
        counted: Counted {
            conversation_id: conversation_id.to_owned(),
            person: pseudonym.unwrap_or_default(),
        },
    })
}

/// Takes these out of the books. The last thing of a transaction, for every worker waits for what it locks: as the
/// books do, the counter of everything first, then calls under way and the other counters.
pub(crate) async fn leave_books(tx: &mut PgConnection, gone: &[Counted]) -> Result<(), PgError> {
    if gone.is_empty() {
        return Ok(());
    }
    let conversations: Vec<&str> = gone.iter().map(|one| one.conversation_id.as_str()).collect();
    let persons: Vec<&str> =
        gone.iter().map(|one| one.person.as_str()).filter(|person| !person.is_empty()).collect();
    budget::lock_in_tx(tx, &[&Slot::all()]).await?;
    sqlx::query(
        "update reservation set conversation_id = '', person = ''
         where conversation_id = any($1) or (person = any($2) and person <> '')",
    )
    .bind(&conversations)
    .bind(&persons)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from budget where scope in (
             select 'session:' || c from unnest($1::text[]) c union all select 'person:' || p from unnest($2::text[]) p)",
    )
    .bind(&conversations)
    .bind(&persons)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whoever erases takes turns with whoever writes of these conversations. Taken at once and in one order, before
/// anything else is locked.
pub(crate) async fn take_turns(tx: &mut PgConnection, conversations: &[&str]) -> Result<(), PgError> {
    sqlx::query(
        "select pg_advisory_xact_lock(hash) from (
             select distinct hashtextextended(c, 0) as hash from unnest($1::text[]) c order by hash) hashes",
    )
    .bind(conversations)
    .execute(tx)
    .await?;
    Ok(())
}

/// Waits for an erasure that is under way, and keeps others off until the transaction's end; whether the conversation
/// is erased. A later statement than the lock looks, or it would not see what it has waited for.
pub(crate) async fn hold_off(tx: &mut PgConnection, conversation_id: &str) -> Result<bool, PgError> {
    sqlx::query("select pg_advisory_xact_lock_shared(hashtextextended($1, 0))")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    is_erased(tx, conversation_id).await
}

/// The same for many, by whoever can not wait: those that are erased, or are just being.
pub(crate) async fn gone_in_tx(
    tx: &mut PgConnection,
    conversations: &[&str],
) -> Result<HashSet<String>, PgError> {
    if conversations.is_empty() {
        return Ok(HashSet::new());
    }
    let mut gone: Vec<String> = sqlx::query_scalar(
        "select c from unnest($1::text[]) c where not pg_try_advisory_xact_lock_shared(hashtextextended(c, 0))",
    )
    .bind(conversations)
    .fetch_all(&mut *tx)
    .await?;
    let erased: Vec<String> =
        sqlx::query_scalar("select conversation_id from erased_conversation where conversation_id = any($1)")
            .bind(conversations)
            .fetch_all(tx)
            .await?;
    gone.extend(erased);
    Ok(gone.into_iter().collect())
}

/// Whether nobody is to be answered there any more.
pub(crate) async fn is_erased(tx: &mut PgConnection, conversation_id: &str) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar("select exists (select from erased_conversation where conversation_id = $1)")
        .bind(conversation_id)
        .fetch_one(tx)
        .await?)
}

/// How many questions of a conversation went to a model, and what is known of them and of who asked.
pub(crate) async fn held(
    tx: &mut PgConnection,
    bot: &str,
    chat_id: i64,
    conversation_id: &str,
) -> Result<(i64, Value), PgError> {
    let tier = person::tier_in_tx(tx, bot, chat_id).await?;
    let samples: Vec<(String, String)> =
        sqlx::query_as("select asked, answered from sample where conversation_id = $1 order by at")
            .bind(conversation_id)
            .fetch_all(&mut *tx)
            .await?;
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
    let samples = samples.iter().map(|(asked, answered)| json!({ "asked": asked, "answered": answered }));
    let samples: Vec<Value> = samples.collect();
    Ok((
        count,
        json!({
            "words_kept": !samples.is_empty(), "masked_words": samples, "known_by_pseudonym": tier.is_some(),
            "tier": tier.filter(|tier| !tier.is_empty()), "by_outcome": outcomes.collect::<Vec<_>>(),
        }),
    ))
}
