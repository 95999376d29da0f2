//! Archives that people have asked for.

use futures::TryStreamExt;
use ids::Uuid;
use pg::{PgConnection, PgError, Pool};
use serde_json::Value;

use super::conversation::ChatKey;

/// One that is still to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: Uuid,
    pub(crate) language: String,
    /// By Postgres' clock, which the job's pauses keep to as well. Seconds.
    pub(crate) age: f64,
}

pub(crate) async fn insert(
    tx: &mut PgConnection,
    id: Uuid,
    key: &ChatKey,
    conversation_id: Uuid,
    language: &str,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into data_export (id, bot, chat_id, conversation_id, language) values ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(&key.bot)
    .bind(key.chat_id)
    .bind(conversation_id)
    .bind(language)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn get(pool: &Pool, id: Uuid) -> Result<Option<Export>, PgError> {
    let row = sqlx::query_as::<_, (String, i64, Uuid, String, f64)>(
        "select bot, chat_id, conversation_id, language, extract(epoch from now() - asked_at)::float8
         from data_export where id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(bot, chat_id, conversation_id, language, age)| Export {
        key: ChatKey { bot, chat_id },
        conversation_id,
        language,
        age,
    }))
}

/// Keeps what a service holds; where nobody waits for it any more, nothing.
pub(crate) async fn answered(
    tx: &mut PgConnection,
    id: Uuid,
    service: &str,
    holdings: &Value,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into data_export_answer (export_id, service, holdings)
         select id, $2, $3 from data_export where id = $1 for key share
         on conflict do nothing",
    )
    .bind(id)
    .bind(service)
    .bind(holdings)
    .execute(tx)
    .await?;
    Ok(())
}

/// What each service holds, by its name.
pub(crate) async fn answers(pool: &Pool, id: Uuid) -> Result<Vec<(String, Value)>, PgError> {
    Ok(sqlx::query_as(
        "select service, holdings from data_export_answer where export_id = $1 order by service",
    )
    .bind(id)
    .fetch_all(pool)
    .await?)
}

pub(crate) async fn delete(tx: &mut PgConnection, ids: &[Uuid]) -> Result<(), PgError> {
    sqlx::query("delete from data_export where id = any($1)").bind(ids).execute(tx).await?;
    Ok(())
}

/// The person may ask again at once: what they asked for did not come.
pub(crate) async fn allow_again(tx: &mut PgConnection, key: &ChatKey) -> Result<(), PgError> {
    sqlx::query(
        "update conversation set state = (state::jsonb - 'exported_ms')::json where bot = $1 and chat_id = $2",
    )
    .bind(&key.bot)
    .bind(key.chat_id)
    .execute(tx)
    .await?;
    Ok(())
}

/// A kind of rows in a person's archive.
pub(crate) struct Section {
    /// The name of its files.
    pub(crate) name: &'static str,
    /// The columns of the table, by the rows' fields.
    pub(crate) columns: &'static [&'static str],
    /// One JSON object a row. $1 is the conversation's id, $2 the bot, $3 the chat.
    sql: &'static str,
}

/// What an archive holds, small things first. A table that holds something of a person gets its section here
/// (files: name, size, kind, when).
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        name: "leads",
        columns: &[
            "captured_at", "flow", "language", "temperature", "score", "contact", "answers", "evidence",
            "start_payload", "id",
        ],
        sql: "select row_to_json(t)::text from (
                  select id, captured_at, flow, language, temperature, score, contact, answers, evidence, start_payload
                  from lead
                  where conversation_id = $1 or bot = $2 and (contact->>'telegram_user_id') = ($3::bigint)::text
                  order by captured_at, id) t",
    },
    Section {
        name: "files",
        columns: &["received_at", "name", "caption", "kind", "media_type", "size_bytes", "state", "expires_at", "id"],
        sql: "select row_to_json(t)::text from (
                  select id, received_at, name, caption, kind, media_type, size_bytes, state, expires_at
                  from file where conversation_id = $1 and state <> 'erased' and expires_at > 'epoch' order by place) t",
    },
    Section {
        name: "limits",
        columns: &["at", "change", "why", "until_at"],
        sql: "select row_to_json(t)::text from (
                  select at, change, why, until_at from limit_step
                  where conversation_id = $1 or bot = $2 and person = $3 order by id) t",
    },
    Section {
        name: "messages",
        columns: &["at", "from", "kind", "text", "label", "message_id"],
        sql: "select row_to_json(t)::text from (
                  select at, case when from_person then 'you' else 'bot' end as from, kind, text, label, message_id
                  from (select id, at, from_person, kind, text, label, message_id from message_archive
                        where conversation_id = $1
                        union all
                        select id, at, from_person, kind, text, label, message_id from message
                        where conversation_id = $1) said
                  order by id) t",
    },
];

/// Hands each row of a section to `take`, as it comes, until that says it wants no more.
pub(crate) async fn each_row(
    pool: &Pool,
    section: &Section,
    export: &Export,
    mut take: impl FnMut(&str) -> bool + Send,
) -> Result<(), PgError> {
    let mut rows = sqlx::query_scalar::<_, String>(section.sql)
        .bind(export.conversation_id)
        .bind(&export.key.bot)
        .bind(export.key.chat_id)
        .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        if !take(&row) {
            break;
        }
    }
    Ok(())
}

/// The conversation itself: when it began, its language, what is remembered of it.
pub(crate) async fn profile(pool: &Pool, export: &Export) -> Result<Option<Value>, PgError> {
    Ok(sqlx::query_scalar(
        "select row_to_json(t)::jsonb from (
             select bot, chat_id, id as conversation_id, language, started_at, updated_at, archived_at,
                    closed_why, state
             from conversation where id = $1) t",
    )
    .bind(export.conversation_id)
    .fetch_optional(pool)
    .await?)
}
