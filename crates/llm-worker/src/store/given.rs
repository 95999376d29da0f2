//! Documents that an administrator gave.

use ids::{Timestamp, Uuid};
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::documents;
use crate::knowledge::Document;
use crate::knowledge::given::fetch::Marks;
use crate::knowledge::given::{Given, given_key};

/// What is written of a document that has come.
pub(crate) struct Content<'a> {
    pub(crate) title: &'a str,
    pub(crate) language: &'a str,
    pub(crate) body: &'a str,
    pub(crate) hash: &'a str,
    pub(crate) marks: &'a Marks,
    /// Why it goes into quarantine, or what is searched.
    pub(crate) outcome: Result<&'a Document, &'a str>,
}

const COLUMNS: &str = "id, bot, kind, place, language, title, state, reason, passages, added_at, checked_at";

/// Writes that a document is given; if it was before, that it is given anew. Its id.
pub(crate) async fn add_in_tx(
    tx: &mut PgConnection,
    id: Uuid,
    (bot, kind, place): (&str, &str, &str),
    language: Option<&str>,
    now: Timestamp,
) -> Result<Uuid, PgError> {
    Ok(sqlx::query_scalar(
        "insert into given_document (id, bot, kind, place, language, state, added_at)
         values ($1, $2, $3, $4, $5, 'waiting', $6)
         on conflict (bot, kind, place)
             do update set language = excluded.language, etag = null, last_modified = null
         returning id",
    )
    .bind(id)
    .bind(bot)
    .bind(kind)
    .bind(place)
    .bind(language)
    .bind(now.to_sqlx())
    .fetch_one(tx)
    .await?)
}

/// Every document, by bot; of one bot where it is named.
pub(crate) async fn list(pool: &Pool, bot: Option<&str>) -> Result<Vec<Given>, PgError> {
    let rows = sqlx::query(
        "select id, bot, kind, place, language, title, state, reason, passages, added_at, checked_at
         from given_document where bot = coalesce($1, bot) order by bot, added_at, id",
    )
    .bind(bot)
    .fetch_all(pool)
    .await?;
    rows.iter().map(given).collect()
}

pub(crate) async fn get(pool: &Pool, id: Uuid) -> Result<Option<Given>, PgError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from given_document where id = $1"));
    let row = sqlx::query(sql).bind(id).fetch_optional(pool).await?;
    row.as_ref().map(given).transpose()
}

/// What it says, the hash of that, and what marks the version that is there.
pub(crate) async fn content<'a>(
    executor: impl sqlx::PgExecutor<'a>,
    id: Uuid,
) -> Result<Option<(String, String, Marks)>, PgError> {
    let row = sqlx::query(
        "select coalesce(body, ''), coalesce(content_hash, ''), etag, last_modified
         from given_document where id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let marks = Marks { etag: row.try_get(2)?, last_modified: row.try_get(3)? };
    Ok(Some((row.try_get(0)?, row.try_get(1)?, marks)))
}

/// Forgets a document with its passages, at once. Whether it was there.
pub(crate) async fn remove(pool: &Pool, id: Uuid) -> Result<bool, PgError> {
    let gone = sqlx::query("delete from given_document where id = $1").bind(id).execute(pool).await?;
    Ok(gone.rows_affected() > 0)
}

/// Forgets an answer that answers no gap any more.
pub(crate) async fn remove_unused_answer_in_tx(tx: &mut PgConnection, id: Uuid) -> Result<(), PgError> {
    sqlx::query(
        "delete from given_document where id = $1 and kind = 'answer'
             and not exists (select from gap where given_id = $1)",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// The hash that an administrator has released, under the row's lock. `None`: it was removed meanwhile.
pub(crate) async fn lock_in_tx(
    tx: &mut PgConnection,
    id: Uuid,
) -> Result<Option<(Given, Option<String>)>, PgError> {
    let sql = format!("select {COLUMNS}, released_hash from given_document where id = $1 for update");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(tx).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((given(&row)?, row.try_get("released_hash")?)))
}

/// Writes what a document says now. The row is locked.
pub(crate) async fn write_in_tx(
    tx: &mut PgConnection,
    given: &Given,
    content: &Content<'_>,
    now: Timestamp,
) -> Result<(), PgError> {
    sqlx::query("delete from document where given_id = $1").bind(given.id).execute(&mut *tx).await?;
    let (state, reason, passages) = match content.outcome {
        Ok(document) => {
            let hash = document.content_hash();
            documents::insert_in_tx(tx, &given_key(&given.bot), document, &hash, Some(given.id)).await?;
            ("ready", None, document.passages.len())
        }
        Err(why) => ("quarantined", Some(why), 0),
    };
    sqlx::query(
        "update given_document set title = $2, state = $3, reason = $4, body = $5, content_hash = $6, etag = $7,
             last_modified = $8, passages = $9, checked_at = $10, language = $11 where id = $1",
    )
    .bind(given.id)
    .bind(content.title)
    .bind(state)
    .bind(reason)
    .bind(content.body)
    .bind(content.hash)
    .bind(&content.marks.etag)
    .bind(&content.marks.last_modified)
    .bind(i32::try_from(passages).unwrap_or(i32::MAX))
    .bind(now.to_sqlx())
    .bind(content.language)
    .execute(tx)
    .await?;
    Ok(())
}

/// An administrator has read what is in quarantine, in this version.
pub(crate) async fn release_in_tx(tx: &mut PgConnection, id: Uuid, hash: &str) -> Result<(), PgError> {
    sqlx::query("update given_document set released_hash = $2 where id = $1")
        .bind(id)
        .bind(hash)
        .execute(tx)
        .await?;
    Ok(())
}

/// It was looked at, and is what it was.
pub(crate) async fn unchanged_in_tx(tx: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<(), PgError> {
    sqlx::query(
        "update given_document set checked_at = $2, reason = case state when 'ready' then null else reason end
         where id = $1",
    )
    .bind(id)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// It could not be fetched. What was there before stays, unless it is `gone` where it came from.
pub(crate) async fn fail(
    connection: &mut PgConnection,
    id: Uuid,
    why: &str,
    gone: bool,
    now: Timestamp,
) -> Result<(), PgError> {
    sqlx::query(
        "with failed as (
             update given_document set reason = $2, checked_at = $4, etag = case when $3 then null else etag end,
                 last_modified = case when $3 then null else last_modified end,
                 passages = case when $3 then 0 else passages end,
                 state = case when $3 or body is null then 'failed' else state end
             where id = $1 and (state <> 'quarantined' or $3)
             returning id)
         delete from document where given_id in (select id from failed) and $3",
    )
    .bind(id)
    .bind(why)
    .bind(gone)
    .bind(now.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// Those with an address that were not looked at since then.
pub(crate) async fn due_in_tx(tx: &mut PgConnection, since: Timestamp) -> Result<Vec<Uuid>, PgError> {
    Ok(sqlx::query_scalar(
        "select id from given_document where kind = 'url' and coalesce(checked_at, added_at) < $1
         order by checked_at limit 1000",
    )
    .bind(since.to_sqlx())
    .fetch_all(tx)
    .await?)
}

fn given(row: &PgRow) -> Result<Given, PgError> {
    let added_at: jiff_sqlx::Timestamp = row.try_get("added_at")?;
    let checked_at: Option<jiff_sqlx::Timestamp> = row.try_get("checked_at")?;
    Ok(Given {
        id: row.try_get("id")?,
        bot: row.try_get("bot")?,
        kind: row.try_get("kind")?,
        place: row.try_get("place")?,
        language: row.try_get("language")?,
        title: row.try_get("title")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
        passages: row.try_get("passages")?,
        added_at: added_at.to_jiff(),
        checked_at: checked_at.map(jiff_sqlx::Timestamp::to_jiff),
    })
}
