use std::collections::HashMap;

use classify::{Class, Failure};
use ids::{ConversationId, Uuid};
use pg::{PgConnection, PgError};
use serde::Deserialize;

use crate::domain::ConversationState;

/// Which bot in which chat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChatKey {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
}

/// A conversation as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) id: ConversationId,
    /// "private", "group", "supergroup" or "channel".
    pub(crate) chat_kind: String,
    pub(crate) state: ConversationState,
    pub(crate) closed_why: Option<String>,
    /// Whoever has a lead of it was told that nothing happens here any more, and the person has written nothing since.
    pub(crate) told_idle: bool,
}

/// A conversation's row: bot, chat, id, kind of the chat, state, why it is closed, whether it was told as idle.
type Row = (String, i64, Uuid, String, String, Option<String>, bool);

/// Locks and reads the conversations of these chats; those that do not exist are left out. `keys` are sorted
/// and each stands once: two transactions that share chats lock them in the same order.
pub(crate) async fn load(
    tx: &mut PgConnection,
    keys: &[ChatKey],
) -> Result<HashMap<ChatKey, Conversation>, Failure> {
    let mut found = HashMap::with_capacity(keys.len());
    for (bot, chat_id, id, chat_kind, state, closed_why, told_idle) in lock(tx, keys).await? {
        let key = ChatKey { bot, chat_id };
        let state = read_state(&key, &state)?;
        let conversation = Conversation { id: ConversationId(id), chat_kind, state, closed_why, told_idle };
        found.insert(key, conversation);
    }
    Ok(found)
}

/// The chats of these conversations; those that do not exist are left out. Nothing is locked.
pub(crate) async fn chats(
    tx: &mut PgConnection,
    conversations: &[Uuid],
) -> Result<HashMap<Uuid, ChatKey>, PgError> {
    if conversations.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String, i64)> =
        sqlx::query_as("select id, bot, chat_id from conversation where id = any($1)")
            .bind(conversations)
            .fetch_all(tx)
            .await?;
    Ok(rows.into_iter().map(|(id, bot, chat_id)| (id, ChatKey { bot, chat_id })).collect())
}

/// The same without understanding what is kept, for whoever needs the lock alone.
pub(crate) async fn lock(tx: &mut PgConnection, keys: &[ChatKey]) -> Result<Vec<Row>, PgError> {
    let (bots, chats) = columns(keys);
    let rows = sqlx::query_as(
        "select c.bot, c.chat_id, c.id, c.chat_kind, c.state::text as state, c.closed_why, c.told_idle
         from conversation c join unnest($1::text[], $2::bigint[]) k (bot, chat_id) using (bot, chat_id)
         order by c.bot, c.chat_id for update of c",
    )
    .bind(bots)
    .bind(chats)
    .fetch_all(tx)
    .await?;
    Ok(rows)
}

/// Writes them all, new and known.
pub(crate) async fn save(
    tx: &mut PgConnection,
    conversations: &[(&ChatKey, &Conversation)],
) -> Result<(), PgError> {
    if conversations.is_empty() {
        return Ok(());
    }
    let states: Vec<String> = conversations.iter().map(|(_, c)| written(&c.state)).collect();
    let bots: Vec<&str> = conversations.iter().map(|(key, _)| key.bot.as_str()).collect();
    let chats: Vec<i64> = conversations.iter().map(|(key, _)| key.chat_id).collect();
    let ids: Vec<Uuid> = conversations.iter().map(|(_, c)| c.id.0).collect();
    let kinds: Vec<&str> = conversations.iter().map(|(_, c)| c.chat_kind.as_str()).collect();
    let languages: Vec<&str> = conversations
        .iter()
        .map(|(_, c)| c.state.lang.as_ref().map_or("", bot_folder::Lang::as_str))
        .collect();
    let closed: Vec<Option<&str>> = conversations.iter().map(|(_, c)| c.closed_why.as_deref()).collect();
    let told_idle: Vec<bool> = conversations.iter().map(|(_, c)| c.told_idle).collect();
    sqlx::query(
        "insert into conversation (bot, chat_id, id, chat_kind, language, state, closed_why, told_idle)
         select bot, chat_id, id, chat_kind, language, state::json, closed_why, told_idle
         from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[])
              as new (bot, chat_id, id, chat_kind, language, state, closed_why, told_idle)
         on conflict (bot, chat_id) do update set
             chat_kind = excluded.chat_kind, language = excluded.language, state = excluded.state,
             closed_why = excluded.closed_why, told_idle = excluded.told_idle, archived_at = null, updated_at = now()",
    )
    .bind(bots)
    .bind(chats)
    .bind(ids)
    .bind(kinds)
    .bind(languages)
    .bind(states)
    .bind(closed)
    .bind(told_idle)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what known conversations remember of something in which nothing was said: one that is archived stays so, and
/// none is younger for it.
pub(crate) async fn remember(
    tx: &mut PgConnection,
    conversations: &[(&ChatKey, &Conversation)],
) -> Result<(), PgError> {
    if conversations.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = conversations.iter().map(|(_, c)| c.id.0).collect();
    let states: Vec<String> = conversations.iter().map(|(_, c)| written(&c.state)).collect();
    sqlx::query(
        "update conversation c set state = new.state::json
         from unnest($1::uuid[], $2::text[]) as new (id, state) where c.id = new.id",
    )
    .bind(ids)
    .bind(states)
    .execute(tx)
    .await?;
    Ok(())
}

/// A state is plain data with text keys; it can always be written.
fn written(state: &ConversationState) -> String {
    serde_json::to_string(state).unwrap_or_else(|_| "{}".to_owned())
}

/// Notes that nothing can be sent to these chats any more, and why. Returns those that were open until now.
pub(crate) async fn close(
    tx: &mut PgConnection,
    closed: &[(ChatKey, &str)],
) -> Result<HashMap<ChatKey, ConversationId>, PgError> {
    if closed.is_empty() {
        return Ok(HashMap::new());
    }
    let bots: Vec<&str> = closed.iter().map(|(key, _)| key.bot.as_str()).collect();
    let chats: Vec<i64> = closed.iter().map(|(key, _)| key.chat_id).collect();
    let reasons: Vec<&str> = closed.iter().map(|(_, why)| *why).collect();
    let rows: Vec<(String, i64, Uuid, bool)> = sqlx::query_as(
        "with locked as (
             select c.bot, c.chat_id, k.why, c.closed_why is null as was_open
             from conversation c
             join (select distinct on (bot, chat_id) *
                   from unnest($1::text[], $2::bigint[], $3::text[]) u (bot, chat_id, why)
                   order by bot, chat_id) k using (bot, chat_id)
             order by c.bot, c.chat_id for update of c)
         update conversation c set closed_why = l.why, updated_at = now()
         from locked l where c.bot = l.bot and c.chat_id = l.chat_id
         returning c.bot, c.chat_id, c.id, l.was_open",
    )
    .bind(bots)
    .bind(chats)
    .bind(reasons)
    .fetch_all(tx)
    .await?;
    let open = rows.into_iter().filter(|(.., was_open)| *was_open);
    Ok(open.map(|(bot, chat_id, id, _)| (ChatKey { bot, chat_id }, ConversationId(id))).collect())
}

fn columns(keys: &[ChatKey]) -> (Vec<&str>, Vec<i64>) {
    (keys.iter().map(|key| key.bot.as_str()).collect(), keys.iter().map(|key| key.chat_id).collect())
}

/// A state that a newer program has written is left to it: that one runs beside this one while they are rolled
/// out. A state that nobody can read begins afresh: the person is greeted again, which is better than silence.
fn read_state(key: &ChatKey, text: &str) -> Result<ConversationState, Failure> {
    let newer = || Failure::new(Class::Transient, "the conversation was written by a newer program");
    match serde_json::from_str::<ConversationState>(text) {
        Ok(state) if state.is_understood() => Ok(state),
        Ok(_) => Err(newer()),
        // A newer shape need not fit into ours at all.
        Err(_) if serde_json::from_str(text).is_ok_and(|Version { v }| v > ConversationState::SHAPE) => {
            Err(newer())
        }
        Err(error) => {
            tracing::error!(bot = %key.bot, %error, "a conversation's state can not be read and begins afresh");
            Ok(ConversationState::default())
        }
    }
}

/// What every shape of a state has.
#[derive(Deserialize)]
struct Version {
    v: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn a_state_of_a_newer_program_is_left_to_it_and_a_broken_one_begins_afresh() {
        let (_database, pool) = database().await;
        let mut connection = pool.acquire().await.unwrap();
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
        let load = async |connection: &mut PgConnection, state: &str| {
            sqlx::query(
                "insert into conversation (bot, chat_id, id, chat_kind, language, state)
                 values ('sales', 7, gen_random_uuid(), 'private', 'en', $1::json)
                 on conflict (bot, chat_id) do update set state = excluded.state",
            )
            .bind(state)
            .execute(&mut *connection)
            .await
            .unwrap();
            load(connection, std::slice::from_ref(&key))
                .await
                .map(|mut found| found.remove(&key).unwrap().state)
        };
        for newer in [r#"{"v": 2, "lang": "en"}"#, r#"{"v": 2, "lang": {"spoken": "en"}}"#] {
            let failure = load(&mut connection, newer).await.unwrap_err();
            assert_eq!(failure.class(), Class::Transient, "{newer}");
        }
        for broken in [r#"{"v": 1, "lang": 5}"#, "[]", r#"{"v": "one"}"#] {
            let state = load(&mut connection, broken).await.unwrap();
            assert_eq!(state, ConversationState::default(), "{broken}");
        }
        let known = load(&mut connection, r#"{"v": 1, "lang": "en"}"#).await.unwrap();
        assert!(known.started());
    }
}
