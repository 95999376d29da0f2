//! Answers that are looked on at while they are written. The row of one decides what may be shown next, whichever
//! replica asks.

use std::time::Duration;

use ids::{ConversationId, RequestId};
use pg::{PgConnection, PgError};
use sqlx::Row;

use super::conversation::ChatKey;

/// A question whose answer may be looked on at.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) request_id: RequestId,
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) topic: Option<i64>,
    pub(crate) is_group: bool,
}

/// What has been shown of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Generation and number.
    pub(crate) turn: (i64, i64),
    /// Empty: nothing, or nothing that is certain.
    pub(crate) text: String,
    /// In a group: the message with it, where its number is known.
    pub(crate) message_id: Option<i64>,
    /// A call is under way, or was when its process ended.
    pub(crate) is_calling: bool,
}

/// One row, locked.
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    pub(crate) request_id: RequestId,
    pub(crate) topic: Option<i64>,
    pub(crate) is_group: bool,
    pub(crate) is_open: bool,
    pub(crate) shown: Shown,
}

pub(crate) async fn open(tx: &mut PgConnection, opened: &[Opened]) -> Result<(), PgError> {
    for one in opened {
        sqlx::query(
            "insert into draft (request_id, bot, chat_id, conversation_id, topic, is_group)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(one.request_id.0)
        .bind(&one.key.bot)
        .bind(one.key.chat_id)
        .bind(one.conversation_id.0)
        .bind(one.topic)
        .bind(one.is_group)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Nothing more is shown of these. Returns those of groups, which may have left a message behind.
pub(crate) async fn end(tx: &mut PgConnection, requests: &[RequestId]) -> Result<Vec<RequestId>, PgError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let requests: Vec<ids::Uuid> = requests.iter().map(|request| request.0).collect();
    // All lock in the same order.
    let ended: Vec<Option<ids::Uuid>> = sqlx::query_scalar(
        "with locked as materialized (
             select request_id from draft where request_id = any($1) order by request_id for update
         )
         update draft d set ended = true from locked l where d.request_id = l.request_id
         returning case when d.is_group then d.request_id end",
    )
    .bind(requests)
    .fetch_all(tx)
    .await?;
    Ok(ended.into_iter().flatten().map(RequestId).collect())
}

/// All rows of the chat in which this was asked, locked.
pub(crate) async fn lock_chat(tx: &mut PgConnection, request: RequestId) -> Result<Vec<Locked>, PgError> {
    let rows = sqlx::query(
        "select d.request_id, d.topic, d.is_group, not (d.ended or d.given_up) as is_open, d.generation, d.number,
                d.text, d.message_id, coalesce(d.calling_until > clock_timestamp(), false) as is_calling
         from draft d join draft asked on asked.bot = d.bot and asked.chat_id = d.chat_id
         where asked.request_id = $1
         order by d.request_id for update of d",
    )
    .bind(request.0)
    .fetch_all(tx)
    .await?;
    let locked = |row: &sqlx::postgres::PgRow| {
        Ok(Locked {
            request_id: RequestId(row.try_get("request_id")?),
            topic: row.try_get("topic")?,
            is_group: row.try_get("is_group")?,
            is_open: row.try_get("is_open")?,
            shown: shown(row)?,
        })
    };
    rows.iter().map(locked).collect()
}

fn shown(row: &sqlx::postgres::PgRow) -> Result<Shown, PgError> {
    Ok(Shown {
        turn: (row.try_get("generation")?, row.try_get("number")?),
        text: row.try_get("text")?,
        message_id: row.try_get("message_id")?,
        is_calling: row.try_get("is_calling")?,
    })
}

/// Before the call that shows it. The call ends within `longest`.
pub(crate) async fn calls(
    tx: &mut PgConnection,
    request: RequestId,
    turn: (i64, i64),
    text: &str,
    longest: Duration,
) -> Result<(), PgError> {
    sqlx::query(
        "update draft set generation = $2, number = $3, text = $4,
                calling_until = clock_timestamp() + make_interval(secs => $5)
         where request_id = $1",
    )
    .bind(request.0)
    .bind(turn.0)
    .bind(turn.1)
    .bind(text.replace('\0', ""))
    .bind(longest.as_secs_f64())
    .execute(tx)
    .await?;
    Ok(())
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Called<'a> {
    /// The message in a group, where it is new.
    pub(crate) message_id: Option<i64>,
    /// Nothing more is to be shown of this answer.
    pub(crate) gives_up: bool,
    /// It is certain that nothing was done: this is still what is seen.
    pub(crate) still: Option<&'a str>,
}

/// After the call.
pub(crate) async fn called(
    connection: &mut PgConnection,
    request: RequestId,
    called: Called<'_>,
) -> Result<(), PgError> {
    sqlx::query(
        "update draft set calling_until = null, message_id = coalesce($2, message_id), given_up = given_up or $3,
                text = coalesce($4, text)
         where request_id = $1",
    )
    .bind(request.0)
    .bind(called.message_id)
    .bind(called.gives_up)
    .bind(called.still)
    .execute(connection)
    .await?;
    Ok(())
}

/// What has been shown of this one; none where nobody looked on.
pub(crate) async fn find(
    connection: &mut PgConnection,
    request: RequestId,
) -> Result<Option<Shown>, PgError> {
    let row = sqlx::query(
        "select generation, number, text, message_id, coalesce(calling_until > clock_timestamp(), false) as is_calling
         from draft where request_id = $1",
    )
    .bind(request.0)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(shown).transpose()
}

/// Their answers are there.
pub(crate) async fn forget(tx: &mut PgConnection, requests: &[RequestId]) -> Result<(), PgError> {
    if requests.is_empty() {
        return Ok(());
    }
    let requests: Vec<ids::Uuid> = requests.iter().map(|request| request.0).collect();
    sqlx::query("delete from draft where request_id = any($1)").bind(requests).execute(tx).await?;
    Ok(())
}

/// Takes away what accidents have left behind.
pub(crate) async fn sweep(connection: &mut PgConnection) -> Result<(), PgError> {
    sqlx::query(
        "delete from draft where request_id in (
             select request_id from draft where opened_at < now() - interval '1 hour'
             order by request_id limit 1000 for update skip locked)",
    )
    .execute(connection)
    .await?;
    Ok(())
}
