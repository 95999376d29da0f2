//! Documents and their passages, as they are written.

use std::collections::HashMap;

use ids::Uuid;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

use crate::knowledge::Document;

/// What a write changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) written: usize,
    /// Documents that are no longer there, and those that were written anew.
    pub(crate) removed: usize,
}

/// Makes `documents` all that `bot` knows. What is there with the same content is left alone. Replicas that
/// do this at once wait for each other.
pub(crate) async fn replace(pool: &Pool, bot: &str, documents: &[Document]) -> Result<Changes, PgError> {
    let mut tx = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('llm knowledge of ' || $1, 0))")
        .bind(bot)
        .execute(&mut *tx)
        .await?;
    let mut there = hashes_in_tx(&mut tx, bot).await?;
    let mut changes = Changes::default();
    for document in documents {
        let hash = document.content_hash();
        let key = (document.kind.as_str().to_owned(), document.source.clone(), document.language.to_string());
        match there.remove(&key) {
            Some((_, known)) if known == hash => continue,
            Some((id, _)) => {
                delete_in_tx(&mut tx, &[id]).await?;
                changes.removed += 1;
            }
            None => {}
        }
        insert_in_tx(&mut tx, bot, document, &hash, None).await?;
        changes.written += 1;
    }
    let gone: Vec<i64> = there.values().map(|(id, _)| *id).collect();
    delete_in_tx(&mut tx, &gone).await?;
    changes.removed += gone.len();
    tx.commit().await?;
    Ok(changes)
}

type Key = (String, String, String);

/// Id and hash of each document of a bot.
async fn hashes_in_tx(tx: &mut PgConnection, bot: &str) -> Result<HashMap<Key, (i64, String)>, PgError> {
    let rows = sqlx::query("select kind, source, language, id, content_hash from document where bot = $1")
        .bind(bot)
        .fetch_all(tx)
        .await?;
    let mut hashes = HashMap::with_capacity(rows.len());
    for row in rows {
        hashes
            .insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), (row.try_get(3)?, row.try_get(4)?));
    }
    Ok(hashes)
}

async fn delete_in_tx(tx: &mut PgConnection, ids: &[i64]) -> Result<(), PgError> {
    if !ids.is_empty() {
        sqlx::query("delete from document where id = any($1)").bind(ids).execute(tx).await?;
    }
    Ok(())
}

/// Writes a document; `given` where an administrator gave it: it goes with what they gave.
pub(super) async fn insert_in_tx(
    tx: &mut PgConnection,
    bot: &str,
    document: &Document,
    hash: &str,
    given: Option<Uuid>,
) -> Result<(), PgError> {
    let language = document.language.as_str();
    let id: i64 = sqlx::query_scalar(
        "insert into document (bot, kind, source, language, title, content_hash, given_id)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
    )
    .bind(bot)
    .bind(document.kind.as_str())
    .bind(&document.source)
    .bind(language)
    .bind(&document.title)
    .bind(hash)
    .bind(given)
    .fetch_one(&mut *tx)
    .await?;
    let column =
        |of: fn(&crate::knowledge::Passage) -> &str| document.passages.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into passage (document_id, place, bot, language, heading, hints, body)
         select $1, nth - 1, $2, $3, heading, hints, body
         from unnest($4::text[], $5::text[], $6::text[]) with ordinality as new (heading, hints, body, nth)",
    )
    .bind(id)
    .bind(bot)
    .bind(language)
    .bind(column(|passage| &passage.heading))
    .bind(column(|passage| &passage.hints))
    .bind(column(|passage| &passage.text))
    .execute(tx)
    .await?;
    Ok(())
}
