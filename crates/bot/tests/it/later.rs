//! What the bot tells of a lead after it was captured: files that came later, the end of the conversation.

use std::time::Duration;

use bytes::Bytes;
use events::message::bot::{ConversationClosed, LeadFiles, LeadRescored};
use futures::{Stream, StreamExt};
use ids::Uuid;
use prost::Message;
use serde_json::{Value, json};
use testkit::{Stage, until};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{stage, start, start_with};
use crate::updates::{message, publish, standing, telegram};

/// What is published under this name from now on.
async fn listen(stage: &Stage, name: &str) -> impl Stream<Item = Bytes> + Unpin + use<> {
    let events = stage.bus().core_subscribe(&format!("ev.{name}.>")).await.unwrap();
    stage.bus().flush().await.unwrap();
    events
}

/// Somebody leaves a lead in their private chat, by updates from this number on. Its id.
async fn leaves_a_lead(stage: &Stage, from: i64) -> Uuid {
    let chat = json!({ "id": 7, "type": "private" });
    let said = ["/project", "DevOps", "skip", "Exploring", "$20k", "ann@example.com", "yes"];
    for (number, text) in (from..).zip(said) {
        publish(stage, "a", number, 7, message(&chat, text)).await;
    }
    until("a lead is captured", async || {
        sqlx::query_scalar("select id from lead").fetch_optional(stage.pool("bot")).await.unwrap()
    })
    .await
}

/// Waits until this update is handled.
async fn handled(stage: &Stage, update: i64) {
    until("it is handled", async || {
        sqlx::query_scalar::<_, i32>("select 1 from inbox where event_id = $1")
            .bind(format!("a:{update}"))
            .fetch_optional(stage.pool("bot"))
            .await
            .unwrap()
    })
    .await;
}

async fn says_no_more(events: &mut (impl Stream<Item = Bytes> + Unpin)) {
    // Whoever stops has published all.
    let more = tokio::time::timeout(Duration::from_millis(200), events.next()).await;
    assert!(more.is_err(), "it was told once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_the_bot_after_they_left_a_lead_ends_the_conversation_once() {
    let (telegram, mut stage) = (telegram().await, stage().await);
    stage.may_leave(&["job"]);
    let app = start(&stage, &telegram.uri()).await;
    let mut closed = listen(&stage, "bot.conversation.closed").await;
    let (chat, other) = (json!({ "id": 7, "type": "private" }), json!({ "id": 8, "type": "private" }));
    // Somebody who has left none is nobody's.
    publish(&stage, "a", 1, 8, message(&other, "hello")).await;
    publish(&stage, "a", 2, 8, standing(&other, "member", "kicked")).await;
    let lead = leaves_a_lead(&stage, 3).await;
    // Telegram tells it twice; then they come back, and go again.
    for (number, now) in (20..).zip(["kicked", "kicked", "member", "kicked"]) {
        let before = if now == "member" { "kicked" } else { "member" };
        publish(&stage, "a", number, 7, standing(&chat, before, now)).await;
    }
    for _ in 0..2 {
        let event = ConversationClosed::decode(closed.next().await.unwrap()).unwrap();
        assert_eq!(event.lead_id, lead.to_string());
        assert_eq!((event.reason.as_str(), event.bot.as_str()), ("blocked", "a"));
        assert!(event.said_by_person >= 6 && event.last_said_at_ms > 0, "{}", event.said_by_person);
    }
    handled(&stage, 23).await;
    app.stop().await;
    says_no_more(&mut closed).await;
}

/// A document of this name.
fn document(name: &str) -> Value {
    let from = json!({ "id": 7, "is_bot": false, "first_name": "Ann" });
    let chat = json!({ "id": 7, "type": "private" });
    let file = json!({ "file_id": name, "file_unique_id": name, "file_name": name, "file_size": 5 });
    json!({ "message": { "message_id": 1, "date": 1, "from": from, "chat": chat, "document": file } })
}

/// Every file is a text, but those that are called a program.
async fn telegram_with_files() -> MockServer {
    let telegram = telegram().await;
    let file = |file_path: &str| {
        let file = json!({ "file_id": "f", "file_unique_id": "f", "file_path": file_path, "file_size": 5 });
        ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": file }))
    };
    let named = Mock::given(path_regex("/getFile$")).respond_with(file("notes.txt"));
    named.with_priority(1).mount(&telegram).await;
    let content = ResponseTemplate::new(200).set_body_bytes("notes of our plans");
    Mock::given(path_regex("^/file/.*")).respond_with(content).with_priority(1).mount(&telegram).await;
    telegram
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_come_after_a_lead_are_told_of_once_and_only_those_that_are_kept() {
    let (telegram, mut stage) = (telegram_with_files().await, stage().await);
    stage.may_leave(&["job"]);
    let folder = tempfile::tempdir().unwrap();
    let app = start_with(&stage, &telegram.uri(), &format!("[files]\nfolder = {:?}\n", folder.path())).await;
    let mut told = listen(&stage, "bot.lead.files").await;
    // It goes with the lead itself.
    publish(&stage, "a", 1, 7, document("before.txt")).await;
    until("it is told of", async || {
        sqlx::query_scalar::<_, i32>("select 1 from file where told_at is not null")
            .fetch_optional(stage.pool("bot"))
            .await
            .unwrap()
    })
    .await;
    let lead = leaves_a_lead(&stage, 2).await;
    // One of them is no text, whatever it is called, and one comes twice.
    for (number, name) in (20..).zip(["a.txt", "b.mp4", "a.txt"]) {
        let mut update = document(name);
        if name == "b.mp4" {
            let file = update["message"]["document"].take();
            update["message"]["video"] = file;
        }
        publish(&stage, "a", number, 7, update).await;
    }
    let event = LeadFiles::decode(told.next().await.unwrap()).unwrap();
    assert_eq!((event.lead_id, event.temperature.is_empty()), (lead.to_string(), false));
    let files: Vec<_> =
        event.files.iter().map(|f| (f.name.as_str(), f.media_type.as_str(), f.size_bytes)).collect();
    assert_eq!(files, [("a.txt", "text/plain", 18)]);
    // Again, when all is over.
    publish(&stage, "a", 30, 7, document("a.txt")).await;
    handled(&stage, 30).await;
    until("everything is told to the person", async || {
        let untold: i64 = sqlx::query_scalar("select count(*) from file where told_at is null")
            .fetch_one(stage.pool("bot"))
            .await
            .unwrap();
        (untold == 0).then_some(())
    })
    .await;
    app.stop().await;
    says_no_more(&mut told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_of_which_more_is_told_has_another_score_and_that_is_told_once() {
    let (telegram, mut stage) = (telegram().await, stage().await);
    stage.may_leave(&["job"]);
    let app = start(&stage, &telegram.uri()).await;
    let mut rescored = listen(&stage, "bot.lead.rescored").await;
    let chat = json!({ "id": 7, "type": "private" });
    let said = ["/project", "DevOps", "skip", "Exploring", "not decided yet", "ann@example.com", "yes"];
    for (number, text) in (1..).zip(said) {
        publish(&stage, "a", number, 7, message(&chat, text)).await;
    }
    let (lead, score): (Uuid, i32) = until("a lead is captured", async || {
        sqlx::query_as("select id, score from lead").fetch_optional(stage.pool("bot")).await.unwrap()
    })
    .await;
    publish(&stage, "a", 20, 7, message(&chat, "we have a budget of $20k")).await;
    publish(&stage, "a", 21, 7, message(&chat, "as I said, a budget of $20k")).await;
    let event = LeadRescored::decode(rescored.next().await.unwrap()).unwrap();
    assert_eq!((event.lead_id.as_str(), event.score_before), (lead.to_string().as_str(), score));
    assert!(event.score > score && event.why.iter().any(|why| why.contains("$20k")), "{:?}", event.why);
    handled(&stage, 21).await;
    let kept: (i32, String, i64) = sqlx::query_as(
        "select score, temperature, (select count(*) from jsonb_array_elements(answers) a where a->>'field' = 'budget'
                                     and a->>'value' like '20000%') from lead",
    )
    .fetch_one(stage.pool("bot"))
    .await
    .unwrap();
    assert_eq!(kept, (event.score, event.temperature, 1));
    app.stop().await;
    says_no_more(&mut rescored).await;
}
