//! What this schema holds of a person, as one list. Whoever adds a table that holds something of a person adds a
//! line here, and what stands outside Postgres (files) is given to a job where [`erase`] is called.

use ids::Uuid;
use pg::{PgConnection, PgError};

use super::conversation::ChatKey;

/// Everything of a person, by kind. $1 is the conversation's id, $2 the bot, $3 the chat, which is the person's
/// number on Telegram: a request may also have been left in a group.
const HOLDINGS: &[(&str, &str)] = &[
    ("messages", "delete from message where conversation_id = $1"),
    ("archived_messages", "delete from message_archive where conversation_id = $1"),
    (
        "leads",
        "delete from lead where conversation_id = $1
             or bot = $2 and (contact->>'telegram_user_id') = ($3::bigint)::text",
    ),
    // Their content follows, and the row with it: before the certificate where the storage can be reached, else with
    // the chore of the storage, which finds it by the row. One that is being looked at has come to its end as well:
    // whoever looks at it takes away what they wrote. Rows that an older program left behind go too.
    (
        "files",
        "update file set name = '', caption = '', why = '', file_id = '', unique_id = id::text, chat_id = 0,
             lead_id = null, state = case when state in ('received', 'failed') then 'refused' else state end,
             told_at = coalesce(told_at, now()), expires_at = 'epoch'
         where conversation_id = $1 and expires_at > 'epoch'",
    ),
    ("drafts", "delete from draft where conversation_id = $1"),
    ("limits", "delete from limit_step where conversation_id = $1 or bot = $2 and person = $3"),
    ("exports", "delete from data_export where bot = $2 and chat_id = $3"),
    ("conversations", "delete from conversation where bot = $2 and chat_id = $3"),
];

/// Deletes it in the caller's transaction, which holds the conversation's lock. Returns how much there was of
/// each kind; what is not there is not named. It may be done again.
pub(crate) async fn erase(
    tx: &mut PgConnection,
    key: &ChatKey,
    conversation_id: Uuid,
) -> Result<Vec<(&'static str, u64)>, PgError> {
    let mut erased = Vec::with_capacity(HOLDINGS.len());
    for (kind, statement) in HOLDINGS {
        let gone = sqlx::query(*statement)
            .bind(conversation_id)
            .bind(&key.bot)
            .bind(key.chat_id)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if gone > 0 {
            erased.push((*kind, gone));
        }
    }
    Ok(erased)
}

/// Only groups have numbers below 0: by them the index finds their conversations among those of all people.
const GROUPS: &str = "select count(*) from conversation c
         where c.bot = $1 and c.chat_id < 0 and c.chat_kind <> 'private' and (
             jsonb_path_exists(c.state::jsonb, '$.guard.people[*][0] ? (@ == $who)', jsonb_build_object('who', $2))
             or jsonb_path_exists(c.state::jsonb, '$.pending[*].asked_by ? (@ == $who)', jsonb_build_object('who', $2))
             or exists (select from limit_step s where s.bot = c.bot and s.person = $2 and s.conversation_id = c.id)
             or exists (select from lead l where l.conversation_id = c.id
                            and (l.contact->>'telegram_user_id') = ($2::bigint)::text))";

/// In how many groups the bot knows the person: they spoke to it of late, ask it something, or it had to limit them.
/// Asked before what says so is erased.
pub(crate) async fn groups(tx: &mut PgConnection, key: &ChatKey) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar(GROUPS).bind(&key.bot).bind(key.chat_id).fetch_one(tx).await?)
}

const LEADS: &str = "select id from lead where conversation_id = $1
    or bot = $2 and (contact->>'telegram_user_id') = ($3::bigint)::text order by id";

/// The ids of a person's leads, by which other services know them.
pub(crate) async fn lead_ids(
    tx: &mut PgConnection,
    key: &ChatKey,
    conversation_id: Uuid,
) -> Result<Vec<Uuid>, PgError> {
    let leads = sqlx::query_scalar(LEADS).bind(conversation_id).bind(&key.bot).bind(key.chat_id);
    Ok(leads.fetch_all(tx).await?)
}

#[cfg(test)]
mod tests {
    use ids::Ids;

    use super::*;
    use crate::store::file::{self, tests::new};
    use crate::store::tests::{change, database, text};

    #[tokio::test]
    async fn a_file_that_an_older_program_has_let_expire_is_the_persons_too() {
        let (_database, pool) = database().await;
        let mut tx = pool.acquire().await.unwrap();
        let (own, now_ms) = (Ids::system().conversation(), 1_700_000_000_000);
        file::receive(&mut tx, &new(own, "a.pdf", now_ms)).await.unwrap();
        change(&mut tx, "update file set state = 'erased', name = '', caption = '', file_id = ''").await;
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
        assert_eq!(erase(&mut tx, &key, own.0).await.unwrap(), [("files", 1)]);
        let left = "select chat_id || ' ' || (unique_id = id::text) from file";
        assert_eq!(text(&mut tx, left).await, "0 true");
        assert!(erase(&mut tx, &key, own.0).await.unwrap().is_empty());
        let left = file::expired(&mut tx, Some(own.0), now_ms, 0, 9).await.unwrap();
        assert!(file::erase(&mut tx, left[0].id, now_ms).await.unwrap(), "its row goes with the next turn");
    }

    #[tokio::test]
    async fn no_table_is_read_whole_for_one_person() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        change(
            &mut tx,
            r#"insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                                captured_at)
               select gen_random_uuid(), gen_random_uuid(), 'sales', 'intake', 'en', 'cold', 1, '[]', '[]',
                      json_build_object('telegram_user_id', n), now()
               from generate_series(1, 5000) n"#,
        )
        .await;
        change(
            &mut tx,
            "insert into conversation (bot, chat_id, id, chat_kind, language, state)
             select 'sales', n, gen_random_uuid(), 'private', 'en', '{}' from generate_series(1, 5000) n",
        )
        .await;
        change(&mut tx, "analyze lead").await;
        change(&mut tx, "analyze conversation").await;
        let own = Ids::system().conversation().0;
        let (_, delete) = HOLDINGS.iter().find(|(kind, _)| *kind == "leads").unwrap();
        for statement in [LEADS, delete] {
            let explain = sqlx::AssertSqlSafe(format!("explain {statement}"));
            let plan: Vec<String> = sqlx::query_scalar(explain)
                .bind(own)
                .bind("sales")
                .bind(7_i64)
                .fetch_all(&mut *tx)
                .await
                .unwrap();
            let plan = plan.join("\n");
            assert!(plan.contains("lead_of_person") && plan.contains("lead_of_conversation"), "{plan}");
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
        let explain = sqlx::AssertSqlSafe(format!("explain {GROUPS}"));
        let plan: Vec<String> =
            sqlx::query_scalar(explain).bind("sales").bind(7_i64).fetch_all(&mut *tx).await.unwrap();
        let of_groups = |line: &String| line.contains("Index Cond") && line.contains("chat_id < 0");
        assert!(plan.iter().any(of_groups), "{}", plan.join("\n"));
    }

    #[tokio::test]
    async fn what_was_done_about_a_person_in_a_group_is_theirs_too() {
        let (_database, pool) = database().await;
        let mut tx = pool.acquire().await.unwrap();
        let (own, group) = (Ids::system().conversation().0, Ids::system().conversation().0);
        for (bot, chat_id, person, conversation) in [
            ("sales", 7_i64, 7_i64, own),
            ("sales", -5, 7, group),
            ("sales", -5, 8, group),
            ("other", -5, 7, group),
        ] {
            sqlx::query(
                "insert into limit_step (bot, chat_id, person, conversation_id, at, change, why)
                 values ($1, $2, $3, $4, now(), 'warned', 'flood')",
            )
            .bind(bot)
            .bind(chat_id)
            .bind(person)
            .bind(conversation)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
        // Two groups know the person, another knows somebody else, another bot's is none of this bot's.
        let state = |people: &str| format!(r#"{{"guard":{{"people":[[{people},{{}}]]}}}}"#);
        for (bot, chat_id, id, state) in [
            ("sales", -5_i64, group, "{}".to_owned()),
            ("sales", -6, Ids::system().uuid(), state("7")),
            ("sales", -8, Ids::system().uuid(), state("77")),
            ("other", -6, Ids::system().uuid(), state("7")),
        ] {
            sqlx::query(
                "insert into conversation (bot, chat_id, id, chat_kind, language, state)
                 values ($1, $2, $3, 'group', 'en', $4::json)",
            )
            .bind(bot)
            .bind(chat_id)
            .bind(id)
            .bind(state)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        assert_eq!(groups(&mut tx, &key).await.unwrap(), 2);
        assert_eq!(erase(&mut tx, &key, own).await.unwrap(), [("limits", 2)]);
        assert!(erase(&mut tx, &key, own).await.unwrap().is_empty());
    }
}
