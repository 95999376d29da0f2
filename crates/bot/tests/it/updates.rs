//! Updates that are no part of a conversation: ignored, or kept for a person to look at.

use events::message::gateway::UpdateReceived;
use events::message::llm::{ModelAnswered, model_answered};
use events::{Envelope, Trail};
use ids::{EventId, Ids};
use serde_json::{Value, json};
use testkit::{Stage, until};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

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

/// A bot's standing in a chat changes.
pub(crate) fn standing(chat: &Value, before: &str, now: &str) -> Value {
    let member = |status: &str| json!({ "user": { "id": 1, "is_bot": true, "first_name": "B" }, "status": status, "until_date": 0 });
    let from = json!({ "id": 7, "is_bot": false, "first_name": "Ann" });
    json!({ "my_chat_member": {
        "chat": chat, "from": from, "date": 1, "old_chat_member": member(before), "new_chat_member": member(now)
    } })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_the_bot_is_written_to_no_more_until_they_let_it_in_again() {
    let telegram = telegram().await;
    let mut stage = stage().await;
    // The deadline of the question.
    stage.may_leave(&["job"]);
    let app = start(&stage, &telegram.uri()).await;
    let chat = json!({ "id": 7, "type": "private" });
    publish(&stage, "a", 1, 7, message(&chat, "is there a way to grow tomatoes on the Moon")).await;
    let request_id = until("a model is asked", async || {
        let sql = "select state -> 'pending' -> 0 ->> 'request_id' from conversation";
        sqlx::query_scalar::<_, Option<String>>(sql)
            .fetch_optional(stage.pool("bot"))
            .await
            .unwrap()
            .flatten()
    })
    .await;
    publish(&stage, "a", 2, 7, standing(&chat, "member", "kicked")).await;
    until("it is closed", async || (closed_why(&stage, 7).await.as_deref() == Some("blocked")).then_some(()))
        .await;
    // The model did not know of it.
    let answer = ModelAnswered {
        request_id,
        bot: "a".to_owned(),
        chat_id: 7,
        text: "Yes.".to_owned(),
        outcome: model_answered::Outcome::Answered.into(),
        ..ModelAnswered::default()
    };
    let id = Ids::system().event();
    let trail = Trail::start(Ids::system().trace(), id.clone());
    stage.bus().publish(Envelope::new(id.clone(), answer.key(), trail, 1, &answer)).await.unwrap();
    until("the answer has come", async || {
        let sql = "select count(*) from inbox where consumer like 'bot-answers%'";
        (count(&stage, sql).await == 1).then_some(())
    })
    .await;
    publish(&stage, "a", 3, 7, standing(&chat, "kicked", "member")).await;
    until("it is open", async || closed_why(&stage, 7).await.is_none().then_some(())).await;
    publish(&stage, "a", 4, 7, message(&chat, "/help")).await;
    let heard =
        until("it is answered", async || Some(sent(&telegram).await).filter(|all| !all.is_empty())).await;
    assert_eq!(heard.len(), 1, "what was said while the bot was blocked: {heard:?}");
    assert!(heard[0]["text"].as_str().unwrap().contains("/services"), "{heard:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_in_a_topic_is_answered_in_that_topic_and_the_group_goes_on_as_a_supergroup() {
    let telegram = telegram().await;
    let stage = stage().await;
    let app = start(&stage, &telegram.uri()).await;
    let forum = json!({ "id": -1002, "type": "supergroup", "title": "F", "is_forum": true });
    let mut asked = message(&forum, "/help");
    asked["message"]["message_thread_id"] = 4.into();
    asked["message"]["is_topic_message"] = true.into();
    publish(&stage, "a", 1, -1002, asked).await;
    let heard =
        until("it is answered", async || Some(sent(&telegram).await).filter(|all| !all.is_empty())).await;
    assert_eq!((&heard[0]["chat_id"], &heard[0]["message_thread_id"]), (&json!(-1002), &json!(4)));

    let group = json!({ "id": -7, "type": "group", "title": "g" });
    publish(&stage, "a", 2, -7, message(&group, "/help")).await;
    until("the group is known", async || (sent(&telegram).await.len() == 2).then_some(())).await;
    let moved =
        json!({ "message": { "message_id": 9, "date": 1, "chat": group, "migrate_to_chat_id": -1007 } });
    publish(&stage, "a", 3, -7, moved).await;
    until("it has moved", async || {
        let sql = "select count(*) from conversation where chat_id = -1007 and chat_kind = 'supergroup'";
        (count(&stage, sql).await == 1).then_some(())
    })
    .await;
    assert_eq!(count(&stage, "select count(*) from conversation").await, 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_types_the_bots_name_in_another_chat_is_offered_answers_in_the_language_of_the_words() {
    let telegram = telegram().await;
    let stage = stage().await;
    let app = start(&stage, &telegram.uri()).await;
    let typed = |query: &str, offset: &str| {
        let from = json!({ "id": 7, "is_bot": false, "first_name": "Ann", "language_code": "en" });
        json!({ "inline_query": { "id": format!("q{query}"), "from": from, "query": query, "offset": offset } })
    };
    publish(&stage, "a", 1, 7, typed("сколько стоит", "")).await;
    // There is no second page.
    publish(&stage, "a", 2, 7, typed("price", "8")).await;
    let answers = until("it is answered", async || {
        Some(called(&telegram, "answerInlineQuery").await).filter(|all| !all.is_empty())
    })
    .await;
    assert_eq!((answers.len(), &answers[0]["inline_query_id"]), (1, &json!("qсколько стоит")));
    let best = &answers[0]["results"][0];
    assert_eq!((&best["type"], &best["id"]), (&json!("article"), &json!("price")), "{best}");
    assert_eq!(best["title"], "Сколько это стоит?", "{best}");
    assert_eq!(count(&stage, "select count(*) from conversation").await, 0, "it is no conversation");
    app.stop().await;
}

async fn closed_why(stage: &Stage, chat_id: i64) -> Option<String> {
    let sql = "select closed_why from conversation where chat_id = $1";
    sqlx::query_scalar(sql).bind(chat_id).fetch_one(stage.pool("bot")).await.unwrap()
}

/// A Telegram that takes everything.
pub(crate) async fn telegram() -> MockServer {
    let telegram = MockServer::start().await;
    let sent = json!({ "ok": true, "result": { "message_id": 1, "date": 1 } });
    let answer = |body: &Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(path_regex("/sendMessage$")).respond_with(answer(&sent)).mount(&telegram).await;
    let done = json!({ "ok": true, "result": true });
    Mock::given(path_regex("/sendChatAction$|/setMyCommands$|/answerInlineQuery$"))
        .respond_with(answer(&done))
        .mount(&telegram)
        .await;
    telegram
}

/// The parameters of every message sent.
pub(crate) async fn sent(telegram: &MockServer) -> Vec<Value> {
    called(telegram, "sendMessage").await
}

/// The parameters of every call of a method.
async fn called(telegram: &MockServer, method: &str) -> Vec<Value> {
    let calls = telegram.received_requests().await.unwrap();
    let called = calls.iter().filter(|call| call.url.path().ends_with(&format!("/{method}")));
    called.map(|call| serde_json::from_slice(&call.body).unwrap()).collect()
}
