//! Groups that became supergroups: their conversations go on under another number.

use std::collections::HashMap;

use classify::Failure;
use ids::Uuid;
use pg::{PgConnection, PgError};

use super::conversation::{self, ChatKey, Conversation};

/// Why the conversation is closed that stands under the number a chat had before.
const MIGRATED: &str = "migrated";

/// Where a chat is called by an older number: the conversation is under the newer one. Adds it to `known`, and
/// returns the newer name of each such key. A group without a conversation is locked, so that it does not begin one
/// while another that has become this group moves here.
pub(crate) async fn follow(
    tx: &mut PgConnection,
    keys: &[ChatKey],
    known: &mut HashMap<ChatKey, Conversation>,
) -> Result<HashMap<ChatKey, ChatKey>, Failure> {
    let is_here = |known: &HashMap<ChatKey, Conversation>, key: &ChatKey| {
        known.get(key).is_some_and(|found| found.closed_why.as_deref() != Some(MIGRATED))
    };
    // Only groups move, and their numbers are negative: nobody else pays for the question.
    let strange: Vec<&ChatKey> = keys.iter().filter(|key| key.chat_id < 0 && !is_here(known, key)).collect();
    let mut names = HashMap::new();
    for key in strange {
        let moved = moved_to(tx, key).await?;
        let newer = ChatKey { bot: key.bot.clone(), chat_id: moved.unwrap_or(key.chat_id) };
        if !is_here(known, &newer) {
            hold(tx, &newer).await?;
            known.extend(conversation::load(tx, std::slice::from_ref(&newer)).await?);
        }
        if newer != *key {
            // The one that is closed stays as it is.
            known.remove(key);
            names.insert(key.clone(), newer);
        }
    }
    Ok(names)
}

/// Lets a conversation go on under the other number of its chat. Where the new chat was heard of first, what had been
/// begun before goes on, joined by what is new there.
pub(crate) async fn move_to(tx: &mut PgConnection, key: &ChatKey, chat_id: i64) -> Result<(), Failure> {
    let new = ChatKey { bot: key.bot.clone(), chat_id };
    let mut both = [key.clone(), new.clone()];
    both.sort_unstable();
    // Conversations first and names after them, as wherever turns are stepped: whoever moves the same chat at the same
    // time waits here, and not the two for each other.
    let mut found = conversation::load(tx, &both).await?;
    let Some(mut old) = found.remove(key).filter(|old| old.closed_why.as_deref() != Some(MIGRATED)) else {
        return Ok(());
    };
    hold(tx, &new).await?;
    if !found.contains_key(&new) {
        // It may have begun while the name was waited for.
        found.extend(conversation::load(tx, std::slice::from_ref(&new)).await?);
    }
    "supergroup".clone_into(&mut old.chat_kind);
    if let Some(young) = found.remove(&new) {
        // The two change places, by a number that no chat has.
        rename(tx, &new, 0).await?;
        rename(tx, key, chat_id).await?;
        rename(tx, &ChatKey { chat_id: 0, ..key.clone() }, key.chat_id).await?;
        conversation::close(tx, &[(key.clone(), MIGRATED)]).await?;
        take_over(tx, young.id.0, old.id.0).await?;
        old.state.join(young.state);
        old.closed_why = young.closed_why;
    } else {
        rename(tx, key, chat_id).await?;
    }
    let id = old.id.0;
    conversation::save(tx, &[(&new, &old)]).await?;
    for sql in [
        "update file set chat_id = $2 where conversation_id = $1",
        "update limit_step set chat_id = $2 where conversation_id = $1",
    ] {
        sqlx::query(sql).bind(id).bind(chat_id).execute(&mut *tx).await.map_err(PgError::from)?;
    }
    sqlx::query(
        "insert into chat_moved (bot, chat_id, to_chat_id) values ($1, $2, $3)
         on conflict (bot, chat_id) do update set to_chat_id = excluded.to_chat_id, moved_at = now()",
    )
    .bind(&key.bot)
    .bind(key.chat_id)
    .bind(chat_id)
    .execute(tx)
    .await
    .map_err(PgError::from)?;
    Ok(())
}

/// What was said, sent and asked for in the younger talk belongs to the one that goes on.
async fn take_over(tx: &mut PgConnection, young: Uuid, old: Uuid) -> Result<(), PgError> {
    for sql in [
        "update message set conversation_id = $2 where conversation_id = $1",
        "update message_archive set conversation_id = $2 where conversation_id = $1",
        "update lead set conversation_id = $2 where conversation_id = $1",
        "update limit_step set conversation_id = $2 where conversation_id = $1",
        // The same file is kept once.
        "update file f set conversation_id = $2 where conversation_id = $1
           and not exists (select from file k where k.conversation_id = $2 and k.unique_id = f.unique_id)",
    ] {
        sqlx::query(sql).bind(young).bind(old).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn moved_to(tx: &mut PgConnection, key: &ChatKey) -> Result<Option<i64>, PgError> {
    let sql = "select to_chat_id from chat_moved where bot = $1 and chat_id = $2";
    Ok(sqlx::query_scalar(sql).bind(&key.bot).bind(key.chat_id).fetch_optional(tx).await?)
}

async fn rename(tx: &mut PgConnection, key: &ChatKey, chat_id: i64) -> Result<(), PgError> {
    sqlx::query("update conversation set chat_id = $3 where bot = $1 and chat_id = $2")
        .bind(&key.bot)
        .bind(key.chat_id)
        .bind(chat_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Holds a name until the end of the transaction, whether or not there is a conversation of this name.
async fn hold(tx: &mut PgConnection, key: &ChatKey) -> Result<(), PgError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, $2))")
        .bind(&key.bot)
        .bind(key.chat_id)
        .execute(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn a_group_that_became_a_supergroup_goes_on_there_with_what_was_begun_before() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        let key = |chat_id| ChatKey { bot: "sales".to_owned(), chat_id };
        for (chat_id, prompts) in [(-7, 1), (-8, 2), (-10_008, 5)] {
            sqlx::query(
                "insert into conversation (bot, chat_id, id, chat_kind, language, state)
                 values ('sales', $1, gen_random_uuid(), 'group', 'en', json_build_object('lang', 'en', 'prompts', $2))",
            )
            .bind(chat_id)
            .bind(prompts)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        let id = "select id from conversation where chat_id = -8";
        let talk: ids::Uuid = sqlx::query_scalar(id).fetch_one(&mut *tx).await.unwrap();
        sqlx::query(
            "insert into message (conversation_id, at, from_person, kind, text, message_id)
             select id, now(), true, 'text', 'of ' || chat_id, 1 from conversation where chat_id < -7",
        )
        .execute(&mut *tx)
        .await
        .unwrap();
        // Both service messages say it, and each may come twice.
        for (old, new) in [(-7, -10_007), (-8, -10_008), (-9, -10_009), (-8, -10_008), (-7, -10_007)] {
            move_to(&mut tx, &key(old), new).await.unwrap();
        }
        let sql = "select chat_id, chat_kind, closed_why, id = $1 from conversation order by chat_id desc";
        let rows: Vec<(i64, String, Option<String>, bool)> =
            sqlx::query_as(sql).bind(talk).fetch_all(&mut *tx).await.unwrap();
        let (group, closed) = ("group".to_owned(), Some("migrated".to_owned()));
        let supergroup = || "supergroup".to_owned();
        let wanted = [
            (-8, group, closed, false),
            (-10_007, supergroup(), None, false),
            (-10_008, supergroup(), None, true),
        ];
        assert_eq!(rows, wanted);

        let sql = "select text from message where conversation_id = $1 order by text";
        let texts: Vec<String> = sqlx::query_scalar(sql).bind(talk).fetch_all(&mut *tx).await.unwrap();
        assert_eq!(texts, ["of -10008", "of -8"], "what was said in both is found in the one that goes on");

        let keys = [-10_007, -8, -7, -6].map(key);
        let mut known = conversation::load(&mut tx, &keys).await.unwrap();
        let names = follow(&mut tx, &keys, &mut known).await.unwrap();
        let wanted = [(key(-7), key(-10_007)), (key(-8), key(-10_008))];
        assert_eq!(names, HashMap::from(wanted));
        assert_eq!(known[&key(-10_008)].id.0, talk);
        assert_eq!((known[&key(-10_008)].state.prompts, known.len()), (5, 2));
    }

    #[tokio::test]
    async fn two_that_move_a_chat_at_once_do_not_wait_for_each_other() {
        let (_database, pool) = database().await;
        let key = ChatKey { bot: "sales".to_owned(), chat_id: -8 };
        sqlx::query(
            "insert into conversation (bot, chat_id, id, chat_kind, language, state)
             values ('sales', -8, gen_random_uuid(), 'group', 'en', '{}')",
        )
        .execute(&pool)
        .await
        .unwrap();
        // A turn that was stepped holds the conversation before it moves it.
        let mut turn = pool.begin().await.unwrap();
        conversation::load(&mut turn, std::slice::from_ref(&key)).await.unwrap();
        let (other, moved) = (pool.clone(), key.clone());
        let send = tokio::spawn(async move {
            let mut send = other.begin().await.unwrap();
            move_to(&mut send, &moved, -10_008).await.unwrap();
            send.commit().await.unwrap();
        });
        let waits = "select exists (select from pg_locks where not granted)";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut *turn).await.unwrap() {
            tokio::task::yield_now().await;
        }
        move_to(&mut turn, &key, -10_008).await.unwrap();
        turn.commit().await.unwrap();
        send.await.unwrap();
        let chats: Vec<i64> =
            sqlx::query_scalar("select chat_id from conversation").fetch_all(&pool).await.unwrap();
        assert_eq!(chats, [-10_008]);
    }
}
