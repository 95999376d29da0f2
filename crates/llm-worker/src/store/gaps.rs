//! Questions that nobody could answer, and the gaps in the knowledge that they show.

use ids::{SignedDuration, Timestamp, Uuid};
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::knowledge::gaps::Gap;

/// Questions are kept no longer than this.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Of one bot; beyond, the oldest go.
const MOST_OF_A_BOT: i64 = 10_000;
/// Gathered at a time.
const MOST_AT_ONCE: i64 = 2_000;

/// A question as it is kept: masked.
pub(crate) struct Question<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) conversation_id: &'a str,
    /// The name of the bot's folder.
    pub(crate) bot: &'a str,
    pub(crate) language: &'a str,
    pub(crate) question: &'a str,
    pub(crate) reason: Option<&'a str>,
}

/// A question, or the one that stands for a gap.
pub(crate) struct Asked {
    pub(crate) request_id: String,
    pub(crate) gap: Option<Uuid>,
    pub(crate) bot: String,
    pub(crate) question: String,
    pub(crate) hash: Vec<u8>,
}

pub(crate) async fn record_in_tx(
    tx: &mut PgConnection,
    asked: &Question<'_>,
    now: Timestamp,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into gap_question (request_id, conversation_id, bot, language, question, reason, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(asked.request_id)
    .bind(asked.conversation_id)
    .bind(asked.bot)
    .bind(asked.language)
    .bind(asked.question)
    .bind(asked.reason)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the questions of a conversation out, with their vectors and the gaps that nothing is left of. How many.
pub(crate) async fn erase_in_tx(tx: &mut PgConnection, conversation_id: &str) -> Result<u64, PgError> {
    let gone: Vec<Vec<u8>> =
        sqlx::query_scalar("delete from gap_question where conversation_id = $1 returning question_hash")
            .bind(conversation_id)
            .fetch_all(&mut *tx)
            .await?;
    if gone.is_empty() {
        return Ok(0);
    }
    let vectors: bool =
        sqlx::query_scalar("select to_regclass('embedding') is not null").fetch_one(&mut *tx).await?;
    if vectors {
        sqlx::query("delete from embedding where text_hash = any($1)").bind(&gone).execute(&mut *tx).await?;
    }
    forget_empty_in_tx(tx).await?;
    Ok(gone.len() as u64)
}

/// How many questions of a conversation are kept here.
pub(crate) async fn held(tx: &mut PgConnection, conversation_id: &str) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar("select count(*) from gap_question where conversation_id = $1")
        .bind(conversation_id)
        .fetch_one(tx)
        .await?)
}

async fn forget_empty_in_tx(tx: &mut PgConnection) -> Result<(), PgError> {
    sqlx::query(
        "delete from gap where state <> 'approved'
             and not exists (select from gap_question where gap_question.gap_id = gap.id)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets go what is old, and what is too much.
pub(crate) async fn forget(pool: &Pool, now: Timestamp) -> Result<(), PgError> {
    let mut tx = pool.begin().await?;
    sqlx::query(
        "delete from gap_question where asked_at < $1 or request_id in (
             select request_id from (
                 select request_id, row_number() over (partition by bot order by asked_at desc) as nth
                 from gap_question) ranked where nth > $2)",
    )
    .bind(now.checked_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH).to_sqlx())
    .bind(MOST_OF_A_BOT)
    .execute(&mut *tx)
    .await?;
    forget_empty_in_tx(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Questions that belong to no gap yet, oldest first; whoever gathers them at the same time waits.
pub(crate) async fn loose_in_tx(tx: &mut PgConnection) -> Result<Vec<Asked>, PgError> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('llm gaps'))").execute(&mut *tx).await?;
    let rows = sqlx::query(
        "select request_id, gap_id, bot, question, question_hash from gap_question
         where gap_id is null order by asked_at, request_id limit $1",
    )
    .bind(MOST_AT_ONCE)
    .fetch_all(tx)
    .await?;
    rows.iter().map(asked).collect()
}

/// The oldest question of each gap that takes further ones: what is dismissed stays dismissed when it is asked
/// again; what was approved and is asked again is a gap anew.
pub(crate) async fn leaders_in_tx(tx: &mut PgConnection) -> Result<Vec<Asked>, PgError> {
    let rows = sqlx::query(
        "select distinct on (gap_id) request_id, gap_id, gap_question.bot, question, question_hash
         from gap_question join gap on gap.id = gap_id where gap.state <> 'approved'
         order by gap_id, asked_at, request_id",
    )
    .fetch_all(tx)
    .await?;
    rows.iter().map(asked).collect()
}

pub(crate) async fn open_in_tx(
    tx: &mut PgConnection,
    id: Uuid,
    bot: &str,
    now: Timestamp,
) -> Result<(), PgError> {
    sqlx::query("insert into gap (id, bot, state, opened_at) values ($1, $2, 'open', $3)")
        .bind(id)
        .bind(bot)
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

pub(crate) async fn join_in_tx(tx: &mut PgConnection, request_id: &str, gap: Uuid) -> Result<(), PgError> {
    sqlx::query("update gap_question set gap_id = $2 where request_id = $1")
        .bind(request_id)
        .bind(gap)
        .execute(tx)
        .await?;
    Ok(())
}

/// Open gaps, what is asked most first; the one of this id, in whatever state, where it is named.
pub(crate) async fn list(pool: &Pool, bot: Option<&str>, id: Option<Uuid>) -> Result<Vec<Gap>, PgError> {
    let rows = sqlx::query(
        "select gap.id, gap.bot, gap.state, count(*) as questions,
                array_agg(distinct language order by language) as languages,
                max(asked_at) as last_asked_at,
                array_agg(question order by asked_at, request_id) as examples,
                mode() within group (order by language) as language,
                draft, draft_problem, given_id
         from gap join gap_question on gap_id = gap.id
         where gap.bot = coalesce($1, gap.bot) and case when $2::uuid is null then state = 'open' else gap.id = $2 end
         group by gap.id order by questions desc, last_asked_at desc, gap.id",
    )
    .bind(bot)
    .bind(id)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let last: jiff_sqlx::Timestamp = row.try_get("last_asked_at")?;
            Ok(Gap {
                id: row.try_get("id")?,
                bot: row.try_get("bot")?,
                state: row.try_get("state")?,
                questions: row.try_get("questions")?,
                languages: row.try_get("languages")?,
                language: row.try_get("language")?,
                last_asked_at: last.to_jiff(),
                examples: row.try_get("examples")?,
                draft: row.try_get("draft")?,
                draft_problem: row.try_get("draft_problem")?,
                given_id: row.try_get("given_id")?,
            })
        })
        .collect()
}

pub(crate) async fn draft(
    pool: &Pool,
    id: Uuid,
    draft: Option<&str>,
    problem: Option<&str>,
) -> Result<(), PgError> {
    sqlx::query("update gap set draft = $2, draft_problem = $3 where id = $1")
        .bind(id)
        .bind(draft)
        .bind(problem)
        .execute(pool)
        .await?;
    Ok(())
}

/// Ends a gap that is open; whether it was.
pub(crate) async fn close_in_tx(
    tx: &mut PgConnection,
    id: Uuid,
    state: &str,
    given: Option<Uuid>,
    now: Timestamp,
) -> Result<bool, PgError> {
    let closed = sqlx::query(
        "update gap set state = $2, given_id = $3, closed_at = $4 where id = $1 and state = 'open'",
    )
    .bind(id)
    .bind(state)
    .bind(given)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(closed.rows_affected() == 1)
}

fn asked(row: &PgRow) -> Result<Asked, PgError> {
    Ok(Asked {
        request_id: row.try_get(0)?,
        gap: row.try_get(1)?,
        bot: row.try_get(2)?,
        question: row.try_get(3)?,
        hash: row.try_get(4)?,
    })
}
