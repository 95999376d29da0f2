//! Erasures as an operator looks at them.

use ids::{Timestamp, Uuid};
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};
use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::conversation::ChatKey;

/// A person's wish to be forgotten, without what leads to the person.
#[derive(Clone, Debug, Serialize)]
pub struct Erasure {
    pub id: Uuid,
    pub bot: String,
    pub conversation_id: Uuid,
    /// "waiting", "cancelled", "running" or "done".
    pub state: String,
    pub requested_at: Timestamp,
    pub due_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    /// How often the services were asked.
    pub asked: i32,
    /// The services that have answered.
    pub answered: Vec<String>,
    /// What each did; only of one that is looked at by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
}

macro_rules! seen {
    ($rest:literal) => {
        concat!(
            "select id, bot, conversation_id, state, requested_at, due_at, started_at, finished_at, cancelled_at,
                    asked, certificate, certificate_sha256,
                    array(select service from erasure_answer where erasure_id = e.id order by service) as answered
             from erasure e ",
            $rest
        )
    };
}

pub(crate) async fn list(connection: &mut PgConnection, most: i64) -> Result<Vec<Erasure>, PgError> {
    let rows = sqlx::query(seen!("order by requested_at desc, id desc limit $1"))
        .bind(most)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(Erasure { certificate: None, certificate_sha256: None, ..read(row)? })).collect()
}

pub(crate) async fn show(connection: &mut PgConnection, id: Uuid) -> Result<Option<Erasure>, PgError> {
    let row = sqlx::query(seen!("where id = $1")).bind(id).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Whose it is, and in which language they are spoken to, while it can be taken back.
pub(crate) async fn waiting(
    connection: &mut PgConnection,
    id: Uuid,
) -> Result<Option<(ChatKey, Uuid, String)>, PgError> {
    let row: Option<(String, i64, Uuid, String)> = sqlx::query_as(
        "select bot, chat_id, conversation_id, language from erasure where id = $1 and state = 'waiting'",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(bot, chat_id, conversation, language)| (ChatKey { bot, chat_id }, conversation, language)))
}

/// The conversation does not remember the wish any more; the caller holds its lock.
pub(crate) async fn forget_wish(tx: &mut PgConnection, key: &ChatKey) -> Result<(), PgError> {
    sqlx::query(
        "update conversation set state = (state::jsonb - 'forget')::json where bot = $1 and chat_id = $2",
    )
    .bind(&key.bot)
    .bind(key.chat_id)
    .execute(tx)
    .await?;
    Ok(())
}

fn read(row: &PgRow) -> Result<Erasure, PgError> {
    let at = |name: &str| row.try_get::<Option<At>, _>(name).map(|at| at.map(At::to_jiff));
    Ok(Erasure {
        id: row.try_get("id")?,
        bot: row.try_get("bot")?,
        conversation_id: row.try_get("conversation_id")?,
        state: row.try_get("state")?,
        requested_at: row.try_get::<At, _>("requested_at")?.to_jiff(),
        due_at: row.try_get::<At, _>("due_at")?.to_jiff(),
        started_at: at("started_at")?,
        finished_at: at("finished_at")?,
        cancelled_at: at("cancelled_at")?,
        asked: row.try_get("asked")?,
        answered: row.try_get("answered")?,
        certificate: row.try_get("certificate")?,
        certificate_sha256: row.try_get("certificate_sha256")?,
    })
}
