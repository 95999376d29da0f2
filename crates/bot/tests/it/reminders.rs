//! A person who leaves a flow is reminded by a job, and nobody who went on is.

use std::path::Path;

use serde_json::{Value, json};
use testkit::{Stage, until};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{stage, start_from};
use crate::updates::{count, message, publish};

/// The shipped bot, with somebody there at every hour: these tests run at any.
fn always_open() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&testkit::workspace_root().join("bots/dev2production"), &copy.path().join("dev2production"));
    let file = copy.path().join("dev2production/bot.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("\nhours:\n").unwrap();
    let (_, after) = rest.split_once("\nleads_to:\n").unwrap();
    std::fs::write(&file, format!("{before}\nleads_to:\n{after}")).unwrap();
    copy
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

pub(crate) async fn telegram() -> MockServer {
    let telegram = MockServer::start().await;
    let sent = json!({ "ok": true, "result": {
        "message_id": 1, "date": 1, "chat": { "id": 7, "type": "private" }, "text": "x",
    } });
    Mock::given(path_regex("/sendMessage$"))
        .respond_with(ResponseTemplate::new(200).set_body_json(sent))
        .mount(&telegram)
        .await;
    Mock::given(path_regex("."))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": true })))
        .mount(&telegram)
        .await;
    telegram
}

/// What a chat was sent, in order.
pub(crate) async fn sent(telegram: &MockServer, chat: i64) -> Vec<String> {
    let calls = telegram.received_requests().await.unwrap();
    let sends = calls.iter().filter(|call| call.url.path().ends_with("/sendMessage"));
    let bodies = sends.map(|call| serde_json::from_slice::<Value>(&call.body).unwrap());
    let of_chat = bodies.filter(|body| body["chat_id"] == chat);
    of_chat.map(|body| body["text"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) async fn hears(telegram: &MockServer, chat: i64, text: &str) {
    until(text, async || sent(telegram, chat).await.iter().any(|sent| sent.contains(text)).then_some(()))
        .await;
}

/// Makes every reminder due, as if hours had passed.
async fn hours_pass(stage: &Stage) {
    let pool = stage.pool("bot");
    sqlx::query(
        "update conversation
         set state = jsonb_set(state::jsonb, '{flow,touched_ms}',
                               to_jsonb((extract(epoch from now() - interval '5 hours') * 1000)::bigint))::json
         where state::jsonb ? 'flow'",
    )
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("update job set run_at = now() where queue = 'bot.reminder'").execute(pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_is_reminded_once_and_whoever_has_left_is_not() {
    let stage = stage().await;
    let (bots, telegram) = (always_open(), telegram().await);
    let app = start_from(&stage, &telegram.uri(), bots.path(), "").await;
    let chat = |id: i64| json!({ "id": id, "type": "private" });
    publish(&stage, "a", 1, 7, message(&chat(7), "/project")).await;
    publish(&stage, "a", 2, 8, message(&chat(8), "/project")).await;
    hears(&telegram, 7, "1/5").await;
    hears(&telegram, 8, "1/5").await;
    publish(&stage, "a", 3, 8, message(&chat(8), "/cancel")).await;
    hears(&telegram, 8, "Nothing was sent").await;
    const WAITING: &str = "select count(*) from job where queue = 'bot.reminder'";
    assert_eq!(count(&stage, WAITING).await, 2);
    let early =
        "select count(*) from job where queue = 'bot.reminder' and run_at < now() + interval '3 hours'";
    assert_eq!(count(&stage, early).await, 0, "they come after hours");

    hours_pass(&stage).await;
    hears(&telegram, 7, "not finished yet").await;
    until("both have run", async || (count(&stage, WAITING).await == 0).then_some(())).await;
    app.stop().await;
    let reminders = |sent: Vec<String>| sent.iter().filter(|text| text.contains("not finished yet")).count();
    assert_eq!((reminders(sent(&telegram, 7).await), reminders(sent(&telegram, 8).await)), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_comes_too_early_is_put_off() {
    let mut stage = stage().await;
    stage.may_leave(&["job"]);
    let (bots, telegram) = (always_open(), telegram().await);
    let app = start_from(&stage, &telegram.uri(), bots.path(), "").await;
    publish(&stage, "a", 1, 7, message(&json!({ "id": 7, "type": "private" }), "/project")).await;
    hears(&telegram, 7, "1/5").await;
    // The person has just done something: the job comes, and finds nothing to remind of yet.
    let job = "select id from job where queue = 'bot.reminder'";
    let first: i64 = sqlx::query_scalar(job).fetch_one(stage.pool("bot")).await.unwrap();
    sqlx::query("update job set run_at = now() where queue = 'bot.reminder'")
        .execute(stage.pool("bot"))
        .await
        .unwrap();
    until("another stands in its place", async || {
        let now: Vec<i64> = sqlx::query_scalar(job).fetch_all(stage.pool("bot")).await.unwrap();
        (now.len() == 1 && now != [first]).then_some(())
    })
    .await;
    let later =
        "select count(*) from job where queue = 'bot.reminder' and run_at > now() + interval '3 hours'";
    assert_eq!(count(&stage, later).await, 1);
    app.stop().await;
    assert_eq!(sent(&telegram, 7).await.len(), 1);
}
