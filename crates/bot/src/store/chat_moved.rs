//! Groups that became supergroups: their conversations go on under another number.

use std::collections::{HashMap, HashSet};

use classify::Failure;
use ids::{ConversationId, Uuid};
use pg::{PgConnection, PgError};

use super::conversation::{self, ChatKey, Conversation};
use super::file::content_key;

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
    forget_numbers(tx, old.id.0).await?;
    old.state.forget_numbers();
    if let Some(young) = found.remove(&new) {
        // The two change places, by a number that no chat has.
        rename(tx, &new, 0).await?;
        rename(tx, key, chat_id).await?;
        rename(tx, &ChatKey { chat_id: 0, ..key.clone() }, key.chat_id).await?;
        // That name is at an end, not the talk.
        let _ = conversation::close(tx, &[(key.clone(), MIGRATED)]).await?;
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

/// Messages are counted anew in the new chat: #12 there is not the #12 from before, so that one has no number any more.
async fn forget_numbers(tx: &mut PgConnection, conversation_id: Uuid) -> Result<(), PgError> {
    for sql in [
        "update message set message_id = 0, answers = 0
         where conversation_id = $1 and (message_id <> 0 or answers <> 0)",
        "update message_archive set message_id = 0 where conversation_id = $1 and message_id <> 0",
        // All lock in the same order.
        "with locked as materialized (
             select request_id from draft where conversation_id = $1 order by request_id for update
         )
         update draft d set message_id = null from locked l where d.request_id = l.request_id",
    ] {
        sqlx::query(sql).bind(conversation_id).execute(&mut *tx).await?;
    }
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
        // The content stays where it is.
        concat!(
            "update file f set conversation_id = $2, content_key = ",
            content_key!(),
            " where conversation_id = $1
           and not exists (select from file k where k.conversation_id = $2 and k.unique_id = f.unique_id)",
        ),
    ] {
        sqlx::query(sql).bind(young).bind(old).execute(&mut *tx).await?;
    }
    Ok(())
}

/// The conversations of these chats, whatever the number they are called by; locked. `keys` are sorted and each stands
/// once.
pub(crate) async fn conversations(
    tx: &mut PgConnection,
    keys: &[ChatKey],
) -> Result<HashMap<ChatKey, ConversationId>, Failure> {
    let mut known = conversation::load(tx, keys).await?;
    let names = follow(tx, keys, &mut known).await?;
    let found = |key: &ChatKey| Some((key.clone(), known.get(names.get(key).unwrap_or(key))?.id));
    Ok(keys.iter().filter_map(found).collect())
}

/// Which of these are numbers that chats had before.
pub(crate) async fn old_names(tx: &mut PgConnection, keys: &[ChatKey]) -> Result<HashSet<ChatKey>, PgError> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select bot, chat_id from chat_moved
         join unnest($1::text[], $2::bigint[]) k (bot, chat_id) using (bot, chat_id)",
    )
    .bind(keys.iter().map(|key| key.bot.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.chat_id).collect::<Vec<_>>())
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(bot, chat_id)| ChatKey { bot, chat_id }).collect())
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
    use crate::store::file::{self, NewFile};
    use crate::store::tests::{change, database, text};

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
    async fn the_numbers_of_before_are_gone_and_files_are_found_where_they_are() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        let key = |chat_id| ChatKey { bot: "sales".to_owned(), chat_id };
        change(
            &mut tx,
            r#"insert into conversation (bot, chat_id, id, chat_kind, language, state)
               select 'sales', n, gen_random_uuid(), 'group', 'en',
                      '{"lang": "en", "turns": {"newest": 12, "answered": {"parts": [{"m": 12}], "source": "faq", "at_ms": 1}},
                        "pending": [{"request_id": "00000000-0000-0000-0000-000000000001", "asked_at_ms": 1,
                                     "parts": [{"m": 12, "t": "how long?"}]}]}'
               from unnest(array[-8, -10008]) n"#,
        )
        .await;
        change(
            &mut tx,
            "insert into message (conversation_id, at, from_person, kind, text, message_id, answers)
             select id, now(), false, 'faq', 'of ' || chat_id, 12, 11 from conversation",
        )
        .await;
        change(
            &mut tx,
            "insert into draft (request_id, bot, chat_id, conversation_id, is_group, message_id)
             select gen_random_uuid(), bot, chat_id, id, true, 12 from conversation",
        )
        .await;
        let id =
            |chat_id: i64| sqlx::query_scalar("select id from conversation where chat_id = $1").bind(chat_id);
        let old: Uuid = id(-8).fetch_one(&mut *tx).await.unwrap();
        let young: Uuid = id(-10_008).fetch_one(&mut *tx).await.unwrap();
        let new = NewFile { key: key(-10_008), ..file::tests::new(ConversationId(young), "a.pdf", 1) };
        let (file, _) = file::receive(&mut tx, &new).await.unwrap();
        let place = file::load(&mut tx, file).await.unwrap().unwrap().place;

        // It is said twice, and the numbers of the new chat stay.
        for _ in 0..2 {
            move_to(&mut tx, &key(-8), -10_008).await.unwrap();
        }
        let said =
            "select string_agg(text || ' ' || message_id || ' ' || answers, ', ' order by text) from message";
        assert_eq!(text(&mut tx, said).await, "of -10008 12 11, of -8 0 0");
        let drafts =
            "select string_agg(chat_id || ' ' || coalesce(message_id, 0), ', ' order by chat_id) from draft";
        assert_eq!(text(&mut tx, drafts).await, "-10008 12, -8 0");
        let found =
            conversation::load(&mut tx, &[key(-10_008)]).await.unwrap().remove(&key(-10_008)).unwrap();
        let numbers: Vec<i64> =
            found.state.pending.iter().flat_map(|asked| &asked.parts).map(|part| part.message_id).collect();
        assert_eq!((numbers, found.state.turns.newest), (vec![0, 12], 12));

        let moved = file::load(&mut tx, file).await.unwrap().unwrap();
        assert_eq!((moved.conversation_id.0, &moved.place), (old, &place));
        let over = file::expired(&mut tx, Some(old), 5_000, 0, 9).await.unwrap();
        assert!(over.is_empty(), "nobody has looked at it yet");
        change(&mut tx, "update file set state = 'clean', media_type = 'application/pdf'").await;
        assert_eq!(file::kept(&mut tx, file, 1).await.unwrap().unwrap().place, place);
        assert_eq!(file::expired(&mut tx, Some(old), 5_000, 0, 9).await.unwrap()[0].place, place);

        // Whoever knows the chat by either number finds the talk that goes on.
        let found = conversations(&mut tx, &[key(-10_008), key(-8)]).await.unwrap();
        assert!([key(-8), key(-10_008)].iter().all(|key| found[key].0 == old), "{found:?}");
        let both = old_names(&mut tx, &[key(-10_008), key(-8)]).await.unwrap();
        assert_eq!(both, HashSet::from([key(-8)]));
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
