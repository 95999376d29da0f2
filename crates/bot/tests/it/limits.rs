//! Limits over two replicas that share nothing but Postgres, and an admin who undoes them.

use bot::limits;
use ids::Ids;
use serde_json::json;
use testkit::{Stage, until};
use wiremock::MockServer;

use crate::support::{stage, start_with};
use crate::updates::{publish, telegram};

const PERSON: i64 = 7;
const GROUP: i64 = -7;

/// The person writes, in private or in the group.
async fn says(stage: &Stage, update_id: i64, chat_id: i64, text: &str) {
    let kind = if chat_id == PERSON { "private" } else { "group" };
    let raw = json!({ "update_id": update_id, "message": {
        "message_id": update_id, "date": 1, "text": text, "chat": { "id": chat_id, "type": kind, "title": "g" },
        "from": { "id": PERSON, "is_bot": false, "first_name": "Ann", "language_code": "en" },
        "entities": [{ "type": "bot_command", "offset": 0, "length": text.split(' ').next().unwrap().len() }],
    } });
    publish(stage, "a", update_id, chat_id, raw).await;
}

async fn texts(telegram: &MockServer) -> Vec<String> {
    let calls = telegram.received_requests().await.unwrap();
    let sends = calls.iter().filter(|call| call.url.path().ends_with("/sendMessage"));
    sends.map(|call| call.body_json::<serde_json::Value>().unwrap()["text"].to_string()).collect()
}

async fn count(stage: &Stage, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(stage.pool("bot")).await.unwrap()
}

async fn handled(stage: &Stage, updates: i64) {
    until("the updates are handled", async || {
        (count(stage, "select count(*) from inbox where consumer = 'bot-updates'").await == updates)
            .then_some(())
    })
    .await;
}

const FAST: &str = "per_chat_per_second = 0\nper_group_per_minute = 0\nper_bot_per_second = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_answer_sixty_messages_an_hour_together_and_an_admin_lifts_it() {
    let stage = stage().await;
    let telegram = telegram().await;
    let first = start_with(&stage, &telegram.uri(), FAST).await;
    let second = start_with(&stage, &telegram.uri(), FAST).await;
    for nth in 1..=50 {
        says(&stage, nth, PERSON, "/help").await;
    }
    handled(&stage, 50).await;
    // One of them ends; the other knows what both have answered.
    first.stop().await;
    for nth in 51..=80 {
        says(&stage, nth, PERSON, "/help").await;
    }
    handled(&stage, 80).await;
    let answered = "select count(*) from message where from_person and ignored_why is null";
    assert_eq!(count(&stage, answered).await, 60);
    let kept = "select count(*) from message where from_person
                and ignored_why = 'limited: too many messages in an hour'";
    assert_eq!(count(&stage, kept).await, 20, "nothing of what is not answered is lost");
    let heard = until("the notice is sent", async || {
        let texts = texts(&telegram).await;
        (texts.len() >= 61).then_some(texts)
    })
    .await;
    assert_eq!(heard.len(), 61, "sixty answers, and one notice for twenty messages");
    assert_eq!(heard.iter().filter(|text| text.contains("60 messages within an hour")).count(), 1);

    let mut connection = stage.pool("bot").acquire().await.unwrap();
    let limited = limits::list(&mut connection, Some("a"), ids::Clock::system().now_ms(), 10).await.unwrap();
    assert_eq!(limited.len(), 1);
    let one = &limited[0];
    assert_eq!((one.chat_id, one.person, one.change.as_str()), (PERSON, PERSON, "warned"));
    assert_eq!((one.why.as_str(), one.appealed), ("hour_limit", false));
    assert!(limits::list(&mut connection, Some("b"), 0, 10).await.unwrap().is_empty());

    says(&stage, 81, PERSON, "/appeal I show the bot to a class").await;
    handled(&stage, 81).await;
    let steps = limits::show(&mut connection, "a", PERSON, PERSON).await.unwrap();
    let told: Vec<(&str, Option<&str>)> =
        steps.iter().map(|step| (step.change.as_str(), step.words.as_deref())).collect();
    assert_eq!(told, [("warned", None), ("appealed", Some("/appeal I show the bot to a class"))]);
    let handoffs = "select count(*) from limit_step where change = 'appealed'";
    assert_eq!(count(&stage, handoffs).await, 1);

    limits::lift(&mut connection, &Ids::system(), "a", PERSON, PERSON).await.unwrap();
    until("it is lifted", async || {
        (count(&stage, "select count(*) from limit_step where change = 'lifted'").await == 1).then_some(())
    })
    .await;
    assert!(limits::list(&mut connection, None, 0, 10).await.unwrap().is_empty());
    says(&stage, 82, PERSON, "/help").await;
    handled(&stage, 82).await;
    assert_eq!(count(&stage, answered).await, 62, "the appeal, and what was said after it");
    until("the person is told, and answered again", async || {
        (texts(&telegram).await.len() == 64).then_some(())
    })
    .await;
    drop(connection);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_joins_is_one_alert_and_who_floods_a_group_is_held_in_silence() {
    let stage = stage().await;
    let telegram = telegram().await;
    let app = start_with(&stage, &telegram.uri(), FAST).await;
    for nth in 1..=30 {
        let member = json!({ "id": 100 + nth, "is_bot": false, "first_name": "X" });
        let raw = json!({ "update_id": nth, "message": {
            "message_id": nth, "date": 1, "chat": { "id": GROUP, "type": "group", "title": "g" },
            "from": member, "new_chat_members": [member],
        } });
        publish(&stage, "a", nth, GROUP, raw).await;
    }
    for nth in 31..=100 {
        says(&stage, nth, GROUP, "/help").await;
    }
    handled(&stage, 100).await;
    let marked = "select count(*) from limit_step where change = 'marked' and person = 0 and chat_id = -7";
    assert_eq!(count(&stage, marked).await, 1);
    let held = "select count(*) from limit_step where change = 'warned' and person = 7 and chat_id = -7";
    assert_eq!(count(&stage, held).await, 1);
    until("sixty are answered", async || (texts(&telegram).await.len() >= 60).then_some(())).await;
    app.stop().await;
    assert_eq!(texts(&telegram).await.len(), 60, "sixty answers and no word more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_switch_limits_off() {
    let stage = stage().await;
    let telegram = telegram().await;
    let app = start_with(&stage, &telegram.uri(), &format!("{FAST}limits = false\n")).await;
    for nth in 1..=70 {
        says(&stage, nth, PERSON, "/help").await;
    }
    handled(&stage, 70).await;
    assert_eq!(
        count(&stage, "select count(*) from message where from_person and ignored_why is null").await,
        70
    );
    assert_eq!(count(&stage, "select count(*) from limit_step").await, 0);
    until("all are sent", async || (texts(&telegram).await.len() == 70).then_some(())).await;
    app.stop().await;
}
