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

/// Nothing more is shown of these. Returns those of groups, which may have left a message behind. What nobody needs any
/// more is gone at once: of a private chat all but those in whose place a message is `awaited`, for that one looks at the
/// row and takes it away. A row that ended before is left to whoever ended it, and one of which a call is under way
/// to the sweep.
pub(crate) async fn end(
    tx: &mut PgConnection,
    requests: &[RequestId],
    awaited: &[RequestId],
) -> Result<Vec<RequestId>, PgError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let uuids = |requests: &[RequestId]| -> Vec<ids::Uuid> { requests.iter().map(|one| one.0).collect() };
    // All lock in the same order.
    let in_groups: Vec<ids::Uuid> = sqlx::query_scalar(
        "with locked as materialized (
             select request_id, is_group, not is_group and not ended and request_id <> all($2)
                    and coalesce(calling_until < clock_timestamp(), true) as is_done
             from draft where request_id = any($1) order by request_id for update
         ), gone as (
             delete from draft d using locked l where d.request_id = l.request_id and l.is_done
         ), ended as (
             update draft d set ended = true from locked l where d.request_id = l.request_id and not l.is_done
         )
         select request_id from locked where is_group",
    )
    .bind(uuids(requests))
    .bind(uuids(awaited))
    .fetch_all(tx)
    .await?;
    Ok(in_groups.into_iter().map(RequestId).collect())
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
    /// Nobody knows what became of it: it may still be done, until it could not be any more.
    pub(crate) may_go_on: bool,
}

/// After the call that was made for this generation and number. Where another has been made since, it is that one's row:
/// whoever stood still for so long ends nobody else's call.
pub(crate) async fn called(
    connection: &mut PgConnection,
    request: RequestId,
    turn: (i64, i64),
    called: Called<'_>,
) -> Result<(), PgError> {
    sqlx::query(
        "update draft set calling_until = case when $7 then calling_until end, message_id = coalesce($2, message_id),
                given_up = given_up or $3, text = coalesce($4, text)
         where request_id = $1 and (generation, number) = ($5, $6)",
    )
    .bind(request.0)
    .bind(called.message_id)
    .bind(called.gives_up)
    .bind(called.still)
    .bind(turn.0)
    .bind(turn.1)
    .bind(called.may_go_on)
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

/// Rows that are swept in one go.
const SWEPT: i64 = 1_000;

/// Takes away what accidents have left behind, until nothing is left of it.
pub(crate) async fn sweep(connection: &mut PgConnection) -> Result<(), PgError> {
    loop {
        let swept = sqlx::query(
            "delete from draft where request_id in (
                 select request_id from draft where opened_at < now() - interval '1 hour'
                 order by request_id limit $1 for update skip locked)",
        )
        .bind(SWEPT)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        if swept < SWEPT.unsigned_abs() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use ids::Ids;

    use super::*;
    use crate::store::tests::{change, database, number, text};

    const LEFT: &str = "select coalesce(string_agg(conversation_id || ' ' || ended, ', '), '') from draft";

    async fn opened(tx: &mut PgConnection, is_group: bool) -> RequestId {
        let (ids, chat_id) = (Ids::system(), if is_group { -7 } else { 7 });
        let key = ChatKey { bot: "sales".to_owned(), chat_id };
        let (request_id, conversation_id) = (ids.request(), ids.conversation());
        open(tx, &[Opened { request_id, key, conversation_id, topic: None, is_group }]).await.unwrap();
        request_id
    }

    async fn shown(tx: &mut PgConnection, request: RequestId) -> Shown {
        find(tx, request).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn what_nobody_needs_any_more_is_gone_at_once() {
        let (_database, pool) = database().await;
        let mut tx = pool.acquire().await.unwrap();
        // An answer comes in its place; a later word about it is none of its business.
        let answered = opened(&mut tx, false).await;
        end(&mut tx, &[answered], &[answered]).await.unwrap();
        end(&mut tx, &[answered], &[]).await.unwrap();
        assert!(find(&mut tx, answered).await.unwrap().is_some());
        let other = opened(&mut tx, false).await;
        assert!(end(&mut tx, &[other, answered], &[answered]).await.unwrap().is_empty());
        assert!(find(&mut tx, other).await.unwrap().is_none());
        // Whoever shows it at this moment ends first.
        let shows = opened(&mut tx, false).await;
        calls(&mut tx, shows, (1, 1), "It", Duration::from_secs(60)).await.unwrap();
        end(&mut tx, &[shows], &[]).await.unwrap();
        assert!(find(&mut tx, shows).await.unwrap().is_some());
        // In a group the message has to be taken away by its number.
        let group = opened(&mut tx, true).await;
        assert_eq!(end(&mut tx, &[group], &[]).await.unwrap(), [group]);
        assert!(find(&mut tx, group).await.unwrap().is_some());
        forget(&mut tx, &[answered, shows, group]).await.unwrap();
        assert_eq!(text(&mut tx, LEFT).await, "");
    }

    #[tokio::test]
    async fn whoever_stood_still_ends_nobody_elses_call() {
        let (_database, pool) = database().await;
        let mut tx = pool.acquire().await.unwrap();
        let request = opened(&mut tx, false).await;
        let longest = Duration::from_secs(60);
        calls(&mut tx, request, (1, 1), "It", longest).await.unwrap();
        calls(&mut tx, request, (1, 2), "It has", longest).await.unwrap();
        let ended = Called { message_id: None, gives_up: true, still: Some(""), may_go_on: false };
        called(&mut tx, request, (1, 1), ended).await.unwrap();
        let now = shown(&mut tx, request).await;
        assert!(now.is_calling && now.text == "It has", "{now:?}");
        assert!(lock_chat(&mut tx, request).await.unwrap()[0].is_open);
        // Nobody knows whether it is done: it may still be.
        let unknown = Called { message_id: None, gives_up: false, still: None, may_go_on: true };
        called(&mut tx, request, (1, 2), unknown).await.unwrap();
        assert!(shown(&mut tx, request).await.is_calling);
        called(&mut tx, request, (1, 2), Called { may_go_on: false, ..unknown }).await.unwrap();
        assert!(!shown(&mut tx, request).await.is_calling);
    }

    #[tokio::test]
    async fn the_sweep_leaves_nothing_that_is_old() {
        let (_database, pool) = database().await;
        let mut tx = pool.acquire().await.unwrap();
        change(
            &mut tx,
            "insert into draft (request_id, bot, chat_id, conversation_id, is_group, opened_at)
             select gen_random_uuid(), 'sales', n, gen_random_uuid(), false,
                    now() - case when n > 2500 then interval '1 minute' else interval '2 hours' end
             from generate_series(1, 2501) n",
        )
        .await;
        sweep(&mut tx).await.unwrap();
        assert_eq!(number(&mut tx, "select count(*) from draft").await, 1);
    }
}
