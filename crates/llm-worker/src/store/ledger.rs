//! The ledger: one row per question, and one per call that ended none.

use std::collections::{HashMap, HashSet};

use ids::{Timestamp, Uuid};
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

use crate::domain::answer::Usage;
use crate::money::queue::Tried;
use crate::money::reservation::{self, Held};

/// Postgres takes no NUL in a text, and an answer must not fail over one.
fn text(value: &str) -> String {
    value.replace('\0', "")
}

/// How a question, or a call that has no answer, ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) request_id: String,
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    /// "answered", "unknown", "failed" or "superseded"; of a call, "lost", "cancelled" or "tried".
    pub(crate) outcome: &'static str,
    pub(crate) reason: Option<String>,
    pub(crate) provider: String,
    pub(crate) model: String,
    /// `system@3+consultation@1`.
    pub(crate) prompt: String,
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    pub(crate) attempts: u32,
    pub(crate) took_ms: i64,
    pub(crate) ended_at: Timestamp,
    /// The pseudonym; empty where no person asks.
    pub(crate) person: String,
    /// The key's id; empty where a bot asks.
    pub(crate) api_key: String,
    /// "agent", "chat" or "assistant".
    pub(crate) mode: String,
    pub(crate) first_token_ms: Option<i64>,
    /// 0 to 1.
    pub(crate) confidence: Option<f32>,
    /// As the provider says it; empty where it does not.
    pub(crate) finish_reason: String,
    /// The question that the call was made for, where this is not its end.
    pub(crate) of_request: Option<String>,
}

impl Entry {
    /// The row of a call that ends no question.
    pub(crate) fn of_call(
        held: &Held,
        spent: reservation::Spent,
        outcome: &'static str,
        at: Timestamp,
    ) -> Self {
        Self {
            request_id: call_id(held.id),
            conversation_id: held.who.conversation_id.clone(),
            bot: held.who.bot.clone(),
            outcome,
            provider: "none".to_owned(),
            model: held.model.clone(),
            usage: Usage { reported: spent.is_reported, ..Usage::default() },
            cost_micros: spent.micros,
            attempts: 1,
            ended_at: at,
            person: held.person.clone(),
            api_key: held.who.api_key.clone(),
            mode: held.who.mode.clone(),
            of_request: Some(held.request_id.clone()),
            ..Self::default()
        }
    }

    /// The row of a call for a question in which another model, or none, had the last word.
    pub(crate) fn of_try(held: &Held, spent: reservation::Spent, tried: &Tried, at: Timestamp) -> Self {
        Self {
            reason: Some(tried.word.clone()).filter(|word| !word.is_empty()),
            provider: tried.provider.clone(),
            model: tried.model.clone(),
            usage: Usage { reported: spent.is_reported, ..tried.usage },
            attempts: tried.attempts,
            finish_reason: tried.finish.to_owned(),
            ..Self::of_call(held, spent, "tried", at)
        }
    }
}

fn call_id(reservation: Uuid) -> String {
    format!("call:{reservation}")
}

/// A question that ended, as it is read afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Spent {
    pub ended_at: Timestamp,
    /// "answered", "unknown", "failed" or "superseded"; of a call that ended no question, "lost", "cancelled" or "tried".
    pub outcome: String,
    /// Why there is no answer, or why it is not the provider's.
    pub reason: Option<String>,
    pub provider: String,
    pub model: String,
    /// `system@3+consultation@1`.
    pub prompt: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Millionths of a US dollar.
    pub cost_micros: i64,
    pub took_ms: i64,
    /// Which models were asked and why, in a few words; `None` where none was.
    pub way: Option<String>,
}

/// What the questions of a conversation came to, oldest first.
///
/// # Errors
/// What the database refuses.
pub async fn of_conversation(pool: &Pool, conversation_id: &str) -> Result<Vec<Spent>, PgError> {
    let rows = sqlx::query(
        "select ended_at, outcome, reason, provider, model, prompt, prompt_tokens, completion_tokens, cost_micros, took_ms,
                (select r.mode || ' ' || r.tier || ' (' || r.reason || ')' ||
                        case when r.context = '' then '' else ' as ' || r.context end || coalesce((
                            select string_agg(' → ' || (t.one ->> 0) || ' ' || (t.one ->> 1), '' order by t.nth)
                            from jsonb_array_elements(r.tried) with ordinality t (one, nth)), '')
                 from route r where r.request_id = ledger.request_id)
         from ledger where conversation_id = $1 order by ended_at, of_request is null",
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
                way: row.try_get(10)?,
            })
        })
        .collect()
}

/// Writes ends of questions, and returns those that had none before: only their answers may be published. Whose
/// conversation is erased, their rows name nobody.
pub(crate) async fn insert_in_tx(
    tx: &mut PgConnection,
    entries: &[Entry],
) -> Result<HashSet<String>, PgError> {
    let column = |of: fn(&Entry) -> &str| entries.iter().map(|one| text(of(one))).collect::<Vec<_>>();
    let number = |of: fn(&Entry) -> i64| entries.iter().map(of).collect::<Vec<_>>();
    let new: Vec<String> = sqlx::query_scalar(
        "insert into ledger (request_id, conversation_id, bot, outcome, reason, provider, model, prompt,
             prompt_tokens, cached_tokens, completion_tokens, usage_reported, cost_micros, attempts, took_ms, ended_at,
             person, lead_id, api_key, mode, first_token_ms, confidence, finish_reason, of_request)
         select n.request, case when e.at is null then n.conversation else '' end, n.bot, n.outcome, n.reason,
                n.provider, n.model, n.prompt, n.prompt_tokens, n.cached, n.completion, n.reported, n.cost, n.attempts,
                n.took, n.ended, case when e.at is null then n.person else '' end, coalesce(l.lead_id, ''), n.api_key,
                n.mode, n.first_token, n.confidence, n.finish, n.of_request
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::bigint[], $10::bigint[], $11::bigint[], $12::bool[], $13::bigint[], $14::int[],
                     $15::bigint[], $16::timestamptz[], $17::text[], $18::text[], $19::text[], $20::bigint[],
                     $21::real[], $22::text[], $23::text[])
              n (request, conversation, bot, outcome, reason, provider, model, prompt, prompt_tokens, cached,
                 completion, reported, cost, attempts, took, ended, person, api_key, mode, first_token, confidence,
                 finish, of_request)
         left join erased_conversation e on e.conversation_id = n.conversation
         left join conversation_lead l on l.conversation_id = n.conversation
         on conflict (request_id) do nothing
         returning request_id",
    )
    .bind(column(|one| &one.request_id))
    .bind(column(|one| &one.conversation_id))
    .bind(column(|one| &one.bot))
    .bind(column(|one| one.outcome))
    .bind(entries.iter().map(|one| one.reason.as_deref().map(text)).collect::<Vec<_>>())
    .bind(column(|one| &one.provider))
    .bind(column(|one| &one.model))
    .bind(column(|one| &one.prompt))
    .bind(number(|one| one.usage.prompt))
    .bind(number(|one| one.usage.cached))
    .bind(number(|one| one.usage.completion))
    .bind(entries.iter().map(|one| one.usage.reported).collect::<Vec<_>>())
    .bind(number(|one| one.cost_micros))
    .bind(entries.iter().map(|one| i32::try_from(one.attempts).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(number(|one| one.took_ms))
    .bind(entries.iter().map(|one| one.ended_at.to_sqlx()).collect::<Vec<_>>())
    .bind(column(|one| &one.person))
    .bind(column(|one| &one.api_key))
    .bind(column(|one| &one.mode))
    .bind(entries.iter().map(|one| one.first_token_ms).collect::<Vec<_>>())
    .bind(entries.iter().map(|one| one.confidence).collect::<Vec<_>>())
    .bind(column(|one| &one.finish_reason))
    .bind(entries.iter().map(|one| one.of_request.as_deref().map(text)).collect::<Vec<_>>())
    .fetch_all(tx)
    .await?;
    Ok(new.into_iter().collect())
}

/// Takes back the rows of calls that were given up as lost and turn out not to be; what each was said to cost.
pub(crate) async fn take_lost_in_tx(
    tx: &mut PgConnection,
    reservations: &[Uuid],
) -> Result<HashMap<Uuid, i64>, PgError> {
    let ids: Vec<String> = reservations.iter().copied().map(call_id).collect();
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "delete from ledger where request_id = any($1) and outcome = 'lost' returning request_id, cost_micros",
    )
    .bind(&ids)
    .fetch_all(tx)
    .await?;
    let cost: HashMap<String, i64> = rows.into_iter().collect();
    Ok(reservations.iter().filter_map(|id| Some((*id, *cost.get(&call_id(*id))?))).collect())
}
