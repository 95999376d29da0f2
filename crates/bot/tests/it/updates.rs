//! Updates that are no part of a conversation: ignored, or kept for a person to look at.

use events::message::gateway::UpdateReceived;
use events::{Envelope, Trail};
use ids::{EventId, Ids};
use serde_json::{Value, json};
use testkit::{Stage, until};

use crate::support::{stage, start};

pub(crate) async fn publish(stage: &Stage, bot: &str, update_id: i64, chat_id: i64, update: Value) {
    let mut raw = update;
    raw["update_id"] = update_id.into();
    let event = UpdateReceived {
        bot: bot.to_owned(),
        update_id,
        chat_id,
        raw: raw.to_string().into_bytes(),
        ..UpdateReceived::default()
    };
    let id = EventId::of_update(bot, update_id);
    let trail = Trail::start(Ids::system().trace(), id.clone());
    stage.bus().publish(Envelope::new(id, event.key(), trail, 1, &event)).await.unwrap();
}

pub(crate) fn message(chat: &Value, text: &str) -> Value {
    let from = json!({ "id": 7, "is_bot": false, "first_name": "Ann" });
    json!({ "message": { "message_id": 1, "date": 1, "from": from, "chat": chat, "text": text } })
}

pub(crate) async fn count(stage: &Stage, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(stage.pool("bot")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_unknown_shape_waits_for_an_operator_and_another_update_is_ignored() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let app = start(&stage, "http://127.0.0.1:1").await;
    let chat = json!({ "id": 7, "type": "private" });
    for (id, kind) in [(1, "message"), (2, "edited_message"), (3, "callback_query"), (4, "message_reaction")]
    {
        let body =
            json!({ "message_id": "one", "message": { "chat": chat }, "chat": chat, "from": { "id": 7 } });
        publish(&stage, "a", id, 7, json!({ kind: body })).await;
    }
    // Nobody can say which chat it is of.
    publish(&stage, "a", 5, 0, json!({ "message": { "chat": "the usual one" } })).await;
    until("three are kept", async || {
        (count(&stage, "select count(*) from dead_letter").await == 3).then_some(())
    })
    .await;
    // No edit is answered, and nobody waits for more than that a reaction was seen.
    until("two are ignored", async || {
        (count(&stage, "select count(*) from inbox where event_id in ('a:2', 'a:4')").await == 2)
            .then_some(())
    })
    .await;
    let sql = "select event_id, error, attempts from dead_letter order by event_id";
    let letters: Vec<(String, String, i32)> = sqlx::query_as(sql).fetch_all(stage.pool("bot")).await.unwrap();
    let wanted = ["a:1", "a:3", "a:5"].map(|id| (id.to_owned(), "a message of unknown shape".to_owned(), 1));
    assert_eq!(letters, wanted);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_bot_that_is_not_configured_holds_up_nobody() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let app = start(&stage, "http://127.0.0.1:1").await;
    publish(&stage, "new", 1, 7, message(&json!({ "id": 7, "type": "private" }), "hello")).await;
    let letter = until("it is a dead letter", async || {
        let sql = "select error, attempts from dead_letter";
        sqlx::query_as::<_, (String, i32)>(sql).fetch_optional(stage.pool("bot")).await.unwrap()
    })
    .await;
    assert_eq!(letter, ("bot new is not configured here".to_owned(), 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_say_to_each_other_in_a_group_is_neither_kept_nor_locks_anything() {
    let stage = stage().await;
    let app = start(&stage, "http://127.0.0.1:1").await;
    let group = json!({ "id": -7, "type": "group", "title": "g" });
    publish(&stage, "a", 1, -7, message(&group, "the code of the safe is 1234")).await;
    until("it is handled", async || {
        (count(&stage, "select count(*) from inbox where event_id = 'a:1'").await == 1).then_some(())
    })
    .await;
    assert_eq!(count(&stage, "select count(*) from message").await, 0);
    assert_eq!(count(&stage, "select count(*) from conversation").await, 0);
    app.stop().await;
}
