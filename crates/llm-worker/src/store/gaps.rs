//! Questions that nobody could answer, and the gaps in the knowledge that they show.

use ids::{SignedDuration, Timestamp, Uuid};
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::knowledge::gaps::{Gap, asked};

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

/// Takes the questions of a conversation out, with their vectors, the gaps that nothing is left of, and the words that an
/// answer is found by. How many.
pub(crate) async fn erase_in_tx(tx: &mut PgConnection, conversation_id: &str) -> Result<u64, PgError> {
    let rows: Vec<(Vec<u8>, String, Option<Uuid>)> = sqlx::query_as(
        "delete from gap_question where conversation_id = $1 returning question_hash, question, gap_id",
    )
    .bind(conversation_id)
    .fetch_all(&mut *tx)
    .await?;
    if rows.is_empty() {
        return Ok(0);
    }
    // Whoever approves an answer to one of them at this moment was waited for, or finds it gone.
    let of: Vec<Uuid> = rows.iter().filter_map(|(.., gap)| *gap).collect();
    let answers: Vec<Uuid> = sqlx::query_scalar(
        "select distinct given_id from gap where id = any($1) and given_id is not null order by given_id",
    )
    .bind(of)
    .fetch_all(&mut *tx)
    .await?;
    for answer in answers {
        index_in_tx(tx, answer).await?;
        let lines: Vec<String> = rows.iter().map(|(_, question, _)| asked::line(question)).collect();
        head_anew_in_tx(tx, answer, &lines).await?;
    }
    let gone: Vec<Vec<u8>> = rows.into_iter().map(|(hash, ..)| hash).collect();
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
    // What an answer is found by stays as long as the answer.
    sqlx::query(
        "delete from gap_question q where (asked_at < $1 or request_id in (
             select request_id from (
                 select request_id, row_number() over (partition by bot order by asked_at desc) as nth
                 from gap_question) ranked where nth > $2))
             and not exists (select from gap where gap.id = q.gap_id and gap.given_id is not null)",
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

/// A question of a gap.
pub(crate) struct OfGap {
    pub(crate) language: String,
    pub(crate) text: String,
}

/// The questions of a gap, oldest first. They stay as they are until the transaction ends: whoever erases one waits.
pub(crate) async fn questions_in_tx(tx: &mut PgConnection, gap: Uuid) -> Result<Vec<OfGap>, PgError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select language, question from gap_question where gap_id = $1 order by asked_at, request_id for share",
    )
    .bind(gap)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(language, text)| OfGap { language, text }).collect())
}

/// Notes which document answers a gap that is open; whether it was.
pub(crate) async fn answer_in_tx(tx: &mut PgConnection, gap: Uuid, given: Uuid) -> Result<bool, PgError> {
    let answered = sqlx::query("update gap set given_id = $2 where id = $1 and state = 'open'")
        .bind(gap)
        .bind(given)
        .execute(tx)
        .await?;
    Ok(answered.rows_affected() == 1)
}

/// Has an answer found by the questions in its language that it answers.
pub(crate) async fn index_in_tx(tx: &mut PgConnection, given: Uuid) -> Result<(), PgError> {
    let questions = of_answer_in_tx(tx, given).await?;
    sqlx::query(
        "update passage set hints = $2 where document_id in (select id from document where given_id = $1)",
    )
    .bind(given)
    .bind(asked::beside(&questions))
    .execute(tx)
    .await?;
    Ok(())
}

/// The questions in its language that a document answers, oldest first.
async fn of_answer_in_tx(tx: &mut PgConnection, given: Uuid) -> Result<Vec<String>, PgError> {
    Ok(sqlx::query_scalar(
        "select question from gap_question join gap on gap.id = gap_id join given_document d on d.id = given_id
         where d.id = $1 and d.language = gap_question.language order by asked_at, request_id",
    )
    .bind(given)
    .fetch_all(tx)
    .await?)
}

/// What is searched that names this word.
#[cfg(test)]
pub(crate) async fn naming(tx: &mut PgConnection, word: &str) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar(
        "select count(*) from passage p join document d on d.id = document_id
         where p.words @@ plainto_tsquery('simple', $1) or d.title ilike '%' || $1 || '%'",
    )
    .bind(word)
    .fetch_one(tx)
    .await?)
}

/// Gives an answer another heading where its own is one of `gone`: whoever asked that is forgotten.
async fn head_anew_in_tx(tx: &mut PgConnection, given: Uuid, gone: &[String]) -> Result<(), PgError> {
    let answer: Option<(String, String, String)> = sqlx::query_as(
        "select bot, place, coalesce(body, '') from given_document where id = $1 and kind = 'answer' for update",
    )
    .bind(given)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((bot, place, body)) = answer.filter(|(_, place, _)| gone.contains(place)) else { return Ok(()) };
    let left = of_answer_in_tx(tx, given).await?;
    let short = given.simple().to_string();
    let wanted = [asked::heading(&left, &body), asked::line(&body), format!("FAQ {short}")];
    for heading in wanted.into_iter().filter(|heading| *heading != place && !heading.is_empty()) {
        let headed = sqlx::query(
            "with headed as (
                 update given_document set place = $3, title = $3 where id = $1 and not exists (
                     select from given_document where bot = $2 and kind = 'answer' and place = $3)
                 returning id
             ), titled as (
                 update document set title = $3 where given_id in (select id from headed) returning id
             )
             update passage set heading = $3 where document_id in (select id from titled)",
        )
        .bind(given)
        .bind(&bot)
        .bind(&heading)
        .execute(&mut *tx)
        .await?;
        if headed.rows_affected() > 0 {
            break;
        }
    }
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
