//! Who is who in the ledger: a pseudonym by chance for each person of each bot, and the tier they are in.

use std::collections::HashMap;

use ids::Uuid;
use pg::{PgConnection, PgError, Pool};

use crate::money::who::Person;

/// The persons of these (bot, chat), known from now on; `fresh` are pseudonyms for those who are new.
pub(crate) async fn know_in_tx(
    tx: &mut PgConnection,
    wanted: &[(&str, i64)],
    fresh: &[Uuid],
) -> Result<HashMap<(String, i64), Person>, PgError> {
    let bots: Vec<&str> = wanted.iter().map(|(bot, _)| *bot).collect();
    let chats: Vec<i64> = wanted.iter().map(|(_, chat)| *chat).collect();
    let fresh: Vec<String> = fresh.iter().map(|id| id.simple().to_string()).collect();
    // What is there is read; only where somebody is missing are rows written.
    let mut known = read(tx, &bots, &chats).await?;
    if known.len() < wanted.len() {
        let missing: Vec<usize> = (0..wanted.len())
            .filter(|nth| !known.contains_key(&(wanted[*nth].0.to_owned(), wanted[*nth].1)))
            .collect();
        sqlx::query(
            "insert into person (bot, chat_id, pseudonym)
             select * from unnest($1::text[], $2::bigint[], $3::text[]) on conflict (bot, chat_id) do nothing",
        )
        .bind(missing.iter().map(|nth| bots[*nth]).collect::<Vec<_>>())
        .bind(missing.iter().map(|nth| chats[*nth]).collect::<Vec<_>>())
        .bind(missing.iter().map(|nth| fresh[*nth].as_str()).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await?;
        known = read(tx, &bots, &chats).await?;
    }
    Ok(known)
}

async fn read(
    tx: &mut PgConnection,
    bots: &[&str],
    chats: &[i64],
) -> Result<HashMap<(String, i64), Person>, PgError> {
    let rows: Vec<(String, i64, String, String)> = sqlx::query_as(
        "select bot, chat_id, pseudonym, tier from person
         where (bot, chat_id) in (select * from unnest($1::text[], $2::bigint[]))",
    )
    .bind(bots)
    .bind(chats)
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(bot, chat, pseudonym, tier)| ((bot, chat), Person { pseudonym, tier }))
        .collect())
}

/// Puts a person into a tier; empty: everybody's.
///
/// # Errors
/// What the database refuses.
pub async fn set_tier(pool: &Pool, bot: &str, chat_id: i64, tier: &str, fresh: Uuid) -> Result<(), PgError> {
    sqlx::query(
        "insert into person (bot, chat_id, pseudonym, tier) values ($1, $2, $3, $4)
         on conflict (bot, chat_id) do update set tier = excluded.tier",
    )
    .bind(bot)
    .bind(chat_id)
    .bind(fresh.simple().to_string())
    .bind(tier)
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets who a pseudonym was; returns the pseudonym, if there was one.
pub(crate) async fn forget_in_tx(
    tx: &mut PgConnection,
    bot: &str,
    chat_id: i64,
) -> Result<Option<String>, PgError> {
    let pseudonym: Option<String> =
        sqlx::query_scalar("delete from person where bot = $1 and chat_id = $2 returning pseudonym")
            .bind(bot)
            .bind(chat_id)
            .fetch_optional(&mut *tx)
            .await?;
    if let Some(pseudonym) = &pseudonym {
        // The condition says what the index is of.
        sqlx::query("update ledger set person = '' where person = $1 and person <> ''")
            .bind(pseudonym)
            .execute(tx)
            .await?;
    }
    Ok(pseudonym)
}

/// The tier a person is in, if anything is known of them.
pub(crate) async fn tier_in_tx(
    tx: &mut PgConnection,
    bot: &str,
    chat_id: i64,
) -> Result<Option<String>, PgError> {
    Ok(sqlx::query_scalar("select tier from person where bot = $1 and chat_id = $2")
        .bind(bot)
        .bind(chat_id)
        .fetch_optional(tx)
        .await?)
}
