//! People's wishes to be forgotten, and what became of them.

use ids::{Timestamp, Uuid};
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError, Pool};
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::conversation::ChatKey;

/// One that is done at this time, unless it is taken back.
pub(crate) struct Wanted<'a> {
    pub(crate) id: Uuid,
    pub(crate) key: &'a ChatKey,
    pub(crate) conversation_id: Uuid,
    pub(crate) language: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) due: Timestamp,
}

/// Notes it; where there is one that has not begun, that one counts. One that runs is of what was there before.
pub(crate) async fn request(tx: &mut PgConnection, wanted: &Wanted<'_>) -> Result<(), PgError> {
    sqlx::query(
        "insert into erasure (id, bot, chat_id, conversation_id, language, state, requested_at, due_at)
         values ($1, $2, $3, $4, $5, 'waiting', $6, $7)
         on conflict (bot, chat_id) where state = 'waiting' do nothing",
    )
    .bind(wanted.id)
    .bind(&wanted.key.bot)
    .bind(wanted.key.chat_id)
    .bind(wanted.conversation_id)
    .bind(wanted.language)
    .bind(At::from(wanted.now))
    .bind(At::from(wanted.due))
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes it back while it has not begun; the caller holds the conversation's lock. Whether there was one.
pub(crate) async fn cancel(tx: &mut PgConnection, key: &ChatKey, now: Timestamp) -> Result<bool, PgError> {
    let done = sqlx::query(
        "update erasure set state = 'cancelled', cancelled_at = $3, chat_id = null
         where bot = $1 and chat_id = $2 and state = 'waiting'",
    )
    .bind(&key.bot)
    .bind(key.chat_id)
    .bind(At::from(now))
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose is to be done by now, the oldest first.
pub(crate) async fn due(pool: &Pool, now: Timestamp, most: i64) -> Result<Vec<ChatKey>, PgError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select bot, chat_id from erasure where state = 'waiting' and due_at <= $1 order by due_at limit $2",
    )
    .bind(At::from(now))
    .bind(most)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(bot, chat_id)| ChatKey { bot, chat_id }).collect())
}

/// One that every service is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) id: Uuid,
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: Uuid,
    pub(crate) language: String,
    pub(crate) lead_ids: Vec<Uuid>,
    pub(crate) requested_at: Timestamp,
    pub(crate) due_at: Timestamp,
    pub(crate) started_at: Timestamp,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) asked: i32,
}

macro_rules! running {
    ($rest:literal) => {
        concat!(
            "select id, bot, chat_id, conversation_id, language, lead_ids, requested_at, due_at, started_at,
                    answered_at, asked from erasure where state = 'running' and ",
            $rest
        )
    };
}

fn read(row: &PgRow) -> Result<Running, PgError> {
    let at = |name: &str| row.try_get::<At, _>(name).map(|at| at.to_jiff());
    Ok(Running {
        id: row.try_get("id")?,
        key: ChatKey { bot: row.try_get("bot")?, chat_id: row.try_get("chat_id")? },
        conversation_id: row.try_get("conversation_id")?,
        language: row.try_get("language")?,
        lead_ids: row.try_get("lead_ids")?,
        requested_at: at("requested_at")?,
        due_at: at("due_at")?,
        started_at: at("started_at")?,
        answered_at: row.try_get::<Option<At>, _>("answered_at")?.map(|at| at.to_jiff()),
        asked: row.try_get("asked")?,
    })
}

/// Begins the one of this chat that is due; the caller holds the conversation's lock. `None` where it was taken
/// back or has begun meanwhile.
pub(crate) async fn start(
    tx: &mut PgConnection,
    key: &ChatKey,
    now: Timestamp,
) -> Result<Option<Running>, PgError> {
    let row = sqlx::query(
        "update erasure set state = 'running', started_at = $3, asked_at = $3, asked = 1
         where bot = $1 and chat_id = $2 and state = 'waiting' and due_at <= $3
         returning id, bot, chat_id, conversation_id, language, lead_ids, requested_at, due_at, started_at,
                   answered_at, asked",
    )
    .bind(&key.bot)
    .bind(key.chat_id)
    .bind(At::from(now))
    .fetch_optional(tx)
    .await?;
    row.as_ref().map(read).transpose()
}

pub(crate) async fn keep_leads(tx: &mut PgConnection, id: Uuid, leads: &[Uuid]) -> Result<(), PgError> {
    sqlx::query("update erasure set lead_ids = $2 where id = $1").bind(id).bind(leads).execute(tx).await?;
    Ok(())
}

/// Keeps what a service did; a second answer of it changes nothing. Returns who has answered by now, the caller
/// having the lock of the erasure; nobody where it does not run (any more).
pub(crate) async fn answered(
    tx: &mut PgConnection,
    id: Uuid,
    service: &str,
    report: &Value,
    now: Timestamp,
) -> Result<Vec<String>, PgError> {
    let running: Option<Uuid> =
        sqlx::query_scalar("select id from erasure where id = $1 and state = 'running' for update")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
    if running.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query(
        "insert into erasure_answer (erasure_id, service, report, answered_at) values ($1, $2, $3, $4)
         on conflict do nothing",
    )
    .bind(id)
    .bind(service)
    .bind(report)
    .bind(At::from(now))
    .execute(&mut *tx)
    .await?;
    Ok(sqlx::query_scalar("select service from erasure_answer where erasure_id = $1 order by service")
        .bind(id)
        .fetch_all(tx)
        .await?)
}

/// Notes that the last of them has answered; whether that was not known before.
pub(crate) async fn all_answered(tx: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<bool, PgError> {
    let done = sqlx::query("update erasure set answered_at = $2 where id = $1 and answered_at is null")
        .bind(id)
        .bind(At::from(now))
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What each service did: its name, its report, when.
pub(crate) async fn answers(
    connection: &mut PgConnection,
    id: Uuid,
) -> Result<Vec<(String, Value, Timestamp)>, PgError> {
    let rows = sqlx::query_as::<_, (String, Value, At)>(
        "select service, report, answered_at from erasure_answer where erasure_id = $1 order by service",
    )
    .bind(id)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(service, report, at)| (service, report, at.to_jiff())).collect())
}

pub(crate) async fn running(connection: &mut PgConnection, id: Uuid) -> Result<Option<Running>, PgError> {
    let row = sqlx::query(running!("id = $1")).bind(id).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Those that not every service has answered, asked for the last time before `cutoff`.
pub(crate) async fn unanswered(
    tx: &mut PgConnection,
    cutoff: Timestamp,
    most: i64,
) -> Result<Vec<Running>, PgError> {
    let rows = sqlx::query(running!(
        "answered_at is null and asked_at < $1 order by asked_at limit $2 for update skip locked"
    ))
    .bind(At::from(cutoff))
    .bind(most)
    .fetch_all(tx)
    .await?;
    rows.iter().map(read).collect()
}

pub(crate) async fn asked_again(tx: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<(), PgError> {
    sqlx::query("update erasure set asked_at = $2, asked = asked + 1 where id = $1")
        .bind(id)
        .bind(At::from(now))
        .execute(tx)
        .await?;
    Ok(())
}

/// How many have not come to their end since `cutoff`.
pub(crate) async fn overdue(pool: &Pool, cutoff: Timestamp) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar(
        "select count(*) from erasure
         where state = 'running' and started_at < $1 or state = 'waiting' and due_at < $1",
    )
    .bind(At::from(cutoff))
    .fetch_one(pool)
    .await?)
}

/// Deletes what was still written of a conversation after its erasure had begun.
pub(crate) async fn sweep(tx: &mut PgConnection, conversation_id: Uuid) -> Result<(), PgError> {
    sqlx::query("delete from message where conversation_id = $1")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from lead where conversation_id = $1").bind(conversation_id).execute(tx).await?;
    Ok(())
}

/// The certificate of one that is done.
pub(crate) async fn certificate(pool: &Pool, id: Uuid) -> Result<Option<Value>, PgError> {
    let found: Option<Option<Value>> = sqlx::query_scalar("select certificate from erasure where id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await?;
    Ok(found.flatten())
}

/// Ends it: the certificate stays, what leads to the person does not. Whether it was running.
pub(crate) async fn finish(
    tx: &mut PgConnection,
    id: Uuid,
    certificate: &Value,
    sha256: &str,
    now: Timestamp,
) -> Result<bool, PgError> {
    let done = sqlx::query(
        "update erasure set state = 'done', chat_id = null, lead_ids = '{}', finished_at = $2, certificate = $3,
             certificate_sha256 = $4
         where id = $1 and state = 'running'",
    )
    .bind(id)
    .bind(At::from(now))
    .bind(certificate)
    .bind(sha256)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use ids::Ids;

    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn a_wish_while_an_older_erasure_runs_is_kept_and_can_be_taken_back() {
        let (_database, pool) = database().await;
        let ids = Ids::system();
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut tx = pool.acquire().await.unwrap();
        let wish = || Wanted {
            id: ids.uuid(),
            key: &key,
            conversation_id: ids.conversation().0,
            language: "en",
            now,
            due: now,
        };
        let states = "select state from erasure order by state";
        request(&mut tx, &wish()).await.unwrap();
        request(&mut tx, &wish()).await.unwrap();
        let first = start(&mut tx, &key, now).await.unwrap().unwrap();
        request(&mut tx, &wish()).await.unwrap();
        let found: Vec<String> = sqlx::query_scalar(states).fetch_all(&mut *tx).await.unwrap();
        assert_eq!(found, ["running", "waiting"]);
        assert!(cancel(&mut tx, &key, now).await.unwrap());
        assert!(!cancel(&mut tx, &key, now).await.unwrap());
        assert!(running(&mut tx, first.id).await.unwrap().is_some(), "what has begun goes on");
    }
}
