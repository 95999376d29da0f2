//! Conversations in which nothing happens any more, and messages that are too old.

use ids::{ConversationId, Timestamp, Uuid};
use pg::{PgConnection, PgError, Pool};

use super::conversation::ChatKey;

/// Conversations in one transaction.
pub(crate) const BATCH: usize = 200;
/// Messages deleted in one statement.
const MESSAGES: i64 = 5_000;
/// What a conversation still remembers when it is archived: how to speak with the person, which link brought
/// them, what they want erased, which ends of deals they were told. The answers of a flow they did not end are theirs, and go.
const REMEMBERED: &[&str] = &[
    "v",
    "lang",
    "lang_chosen",
    "ear",
    "zone",
    "guard",
    "prompts",
    "start_payload",
    "forget",
    "exported_ms",
    "deals",
];

/// A conversation in which nothing happens any more.
pub(crate) struct Idle {
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    /// The person can still be written to, and it was not told as idle since they last wrote.
    pub(crate) is_open: bool,
}

/// Locks up to [`BATCH`] conversations that were last touched before `cutoff` and are to be archived. One that somebody
/// works on at this moment is not idle.
pub(crate) async fn idle(tx: &mut PgConnection, cutoff: Timestamp) -> Result<Vec<Idle>, PgError> {
    let rows: Vec<(String, i64, Uuid, bool)> = sqlx::query_as(
        "select bot, chat_id, id, closed_why is null and not told_idle from conversation
         where archived_at is null and updated_at < $1
           -- The same by the day, which is indexed.
           and active_on <= ($1::timestamptz at time zone 'UTC')::date
         limit $2 for update skip locked",
    )
    .bind(jiff_sqlx::Timestamp::from(cutoff))
    .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
    .fetch_all(tx)
    .await?;
    let idle = |(bot, chat_id, id, is_open)| Idle {
        key: ChatKey { bot, chat_id },
        conversation_id: ConversationId(id),
        is_open,
    };
    Ok(rows.into_iter().map(idle).collect())
}

/// Archives these, which are locked.
pub(crate) async fn archive(tx: &mut PgConnection, idle: &[Idle]) -> Result<(), PgError> {
    sqlx::query(
        "with moved as (
             delete from message m where m.conversation_id = any($1)
             returning m.id, m.conversation_id, m.at, m.from_person, m.kind, m.text, m.message_id, m.ignored_why,
                       m.intent, m.confidence, m.label
         ), kept as (
             insert into message_archive
                 (id, conversation_id, at, from_person, kind, text, message_id, ignored_why, intent, confidence,
                  label)
             select id, conversation_id, at, from_person, kind, text, message_id, ignored_why, intent, confidence,
                  label
             from moved
         )
         update conversation c set archived_at = now(), told_idle = true, state = coalesce((
             select jsonb_object_agg(s.key, s.value) from jsonb_each(c.state::jsonb) s
             where s.key = any($2)), '{}')::json
         where c.id = any($1)",
    )
    .bind(idle.iter().map(|one| one.conversation_id.0).collect::<Vec<_>>())
    .bind(REMEMBERED)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes what was said before `cutoff`, archived or not; returns how much.
pub(crate) async fn forget_messages(pool: &Pool, cutoff: Timestamp) -> Result<u64, PgError> {
    let mut gone = 0;
    for statement in [
        "delete from message where ctid = any (array(select ctid from message where at < $1 limit $2))",
        "delete from message_archive
         where ctid = any (array(select ctid from message_archive where at < $1 limit $2))",
    ] {
        loop {
            let done = sqlx::query(statement)
                .bind(jiff_sqlx::Timestamp::from(cutoff))
                .bind(MESSAGES)
                .execute(pool)
                .await?
                .rows_affected();
            gone += done;
            if done < MESSAGES as u64 {
                break;
            }
        }
    }
    Ok(gone)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::conversation;
    use crate::store::message;
    use crate::store::tests::database;

    /// Archives what is idle; returns how many.
    pub(crate) async fn archive_idle(pool: &Pool, cutoff: Timestamp) -> usize {
        let mut tx = pool.begin().await.unwrap();
        let idle = idle(&mut tx, cutoff).await.unwrap();
        archive(&mut tx, &idle).await.unwrap();
        tx.commit().await.unwrap();
        idle.len()
    }

    async fn count(pool: &Pool, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn an_idle_conversation_is_archived_and_one_that_lives_is_not() {
        let (_database, pool) = database().await;
        let now = ids::Clock::system().now();
        let days = |n: i64| now.checked_sub(ids::SignedDuration::from_hours(24 * n)).unwrap();
        for (chat, idle_days) in [(1_i64, 91), (2, 89)] {
            let at = jiff_sqlx::Timestamp::from(days(idle_days));
            sqlx::query(
                "with c as (
                     insert into conversation (bot, chat_id, id, chat_kind, language, state, updated_at)
                     values ('a', $1, gen_random_uuid(), 'private', 'en',
                             '{\"v\": 1, \"lang\": \"en\", \"paused\": {\"flow\": \"f\"}}', $2) returning id)
                 insert into message (conversation_id, at, from_person, kind, text, message_id)
                 select id, $2, true, 'text', 'hello', 1 from c",
            )
            .bind(chat)
            .bind(at)
            .execute(&pool)
            .await
            .unwrap();
        }
        assert_eq!(archive_idle(&pool, days(90)).await, 1);
        assert_eq!(archive_idle(&pool, days(90)).await, 0, "once");
        assert_eq!(count(&pool, "select chat_id from conversation where archived_at is not null").await, 1);
        assert_eq!(count(&pool, "select count(*) from message").await, 1);
        assert_eq!(count(&pool, "select count(*) from message_archive").await, 1);
        let state: String = sqlx::query_scalar("select state::text from conversation where chat_id = 1")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert!(!state.contains("paused") && state.contains("lang"), "{state}");

        // Whatever happens next opens it again; what was said before stays put aside.
        let key = ChatKey { bot: "a".to_owned(), chat_id: 1 };
        let mut connection = pool.acquire().await.unwrap();
        let known = conversation::load(&mut connection, std::slice::from_ref(&key)).await.unwrap();
        conversation::save(&mut connection, &[(&key, &known[&key])]).await.unwrap();
        let said = message::recent(&mut connection, known[&key].id, 10, &[]).await.unwrap();
        drop(connection);
        assert!(said.is_empty(), "a model is not shown it");
        assert_eq!(count(&pool, "select count(*) from conversation where archived_at is not null").await, 0);
        assert_eq!(archive_idle(&pool, days(90)).await, 0, "it lives");

        assert_eq!(forget_messages(&pool, days(90)).await.unwrap(), 1, "of the archive too");
        assert_eq!(count(&pool, "select count(*) from message_archive").await, 0);
        assert_eq!(count(&pool, "select count(*) from message").await, 1);
    }
}
