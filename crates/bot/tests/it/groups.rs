//! Groups: one that becomes a supergroup keeps what is under way, and what is said in a forum topic is answered there.

use events::message::llm::{ModelAnswered, model_answered};
use events::{Envelope, Trail};
use ids::Ids;
use serde_json::{Value, json};
use testkit::{Stage, until};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{stage, start};
use crate::updates::{count, message, publish, sent, telegram};

const OLD: i64 = -7;
const NEW: i64 = -1007;

fn group() -> Value {
    json!({ "id": OLD, "type": "group", "title": "g" })
}

fn supergroup() -> Value {
    json!({ "id": NEW, "type": "supergroup", "title": "g" })
}

/// The two messages by which Telegram tells of the move.
fn moved_to() -> Value {
    json!({ "message": { "message_id": 9, "date": 1, "chat": group(), "migrate_to_chat_id": NEW } })
}

fn moved_from() -> Value {
    json!({ "message": { "message_id": 1, "date": 1, "chat": supergroup(), "migrate_from_chat_id": OLD } })
}

/// Somebody presses a button of the bot in the group.
fn press(data: &str) -> Value {
    let from = json!({ "id": 7, "is_bot": false, "first_name": "Ann", "language_code": "en" });
    let bot = json!({ "id": 1, "is_bot": true, "first_name": "B" });
    let below = json!({ "message_id": 3, "date": 1, "chat": group(), "from": bot, "text": "?" });
    json!({ "callback_query": {
        "id": "1", "from": from, "chat_instance": "1", "data": data, "message": below,
    } })
}

/// The bot is spoken to by a reply to something of its own.
fn as_reply(mut update: Value) -> Value {
    let bot = json!({ "id": 1, "is_bot": true, "first_name": "B" });
    let chat = update["message"]["chat"].clone();
    update["message"]["reply_to_message"] =
        json!({ "message_id": 3, "date": 1, "chat": chat, "from": bot, "text": "?" });
    update
}

pub(crate) async fn request(stage: &Stage) -> String {
    until("a model is asked", async || {
        let sql = "select state -> 'pending' -> 0 ->> 'request_id' from conversation
                   where state -> 'pending' -> 0 ->> 'due_ms' is null";
        let found = sqlx::query_scalar::<_, Option<String>>(sql).fetch_optional(stage.pool("bot")).await;
        found.unwrap().flatten()
    })
    .await
}

/// A model's answer to a chat of the bot `a`, by the number it had when it asked.
pub(crate) async fn answers(stage: &Stage, to: ModelAnswered) {
    let answer = ModelAnswered {
        bot: "a".to_owned(),
        text: "In a greenhouse.".to_owned(),
        outcome: model_answered::Outcome::Answered.into(),
        ..to
    };
    let id = Ids::system().event();
    let trail = Trail::start(Ids::system().trace(), id.clone());
    stage.bus().publish(Envelope::new(id, answer.key(), trail, 1, &answer)).await.unwrap();
}

async fn handled(stage: &Stage, updates: i64) {
    until("all updates are handled", async || {
        let sql = "select count(*) from inbox where event_id like 'a:%'";
        (count(stage, sql).await == updates).then_some(())
    })
    .await;
}

async fn heard(telegram: &MockServer, chat: i64, words: &str) -> Value {
    until(words, async || {
        let all = sent(telegram).await;
        all.into_iter()
            .find(|sent| sent["chat_id"] == chat && sent["text"].as_str().unwrap_or("").contains(words))
    })
    .await
}

/// A question is under way in the group, which becomes a supergroup by these messages; what the model answers to
/// the old number is heard in the new one.
async fn goes_on(moves: &[Value], between: Option<Value>) {
    let telegram = telegram().await;
    let mut stage = stage().await;
    // The deadline of the question.
    stage.may_leave(&["job"]);
    let app = start(&stage, &telegram.uri()).await;
    publish(&stage, "a", 1, OLD, press("ask")).await;
    heard(&telegram, OLD, "Write your question").await;
    publish(&stage, "a", 2, OLD, as_reply(message(&group(), "is there a way to grow tomatoes on the Moon?")))
        .await;
    let request_id = request(&stage).await;
    let flow = "select count(*) from conversation where state -> 'flow' ->> 'flow' = 'question'";
    assert_eq!(count(&stage, flow).await, 1);
    let mut updates = 2;
    if let Some(update) = between {
        updates += 1;
        publish(&stage, "a", updates, NEW, update).await;
        handled(&stage, updates).await;
    }
    for (chat, update) in moves.iter().map(|update| (update["message"]["chat"]["id"].as_i64(), update)) {
        updates += 1;
        publish(&stage, "a", updates, chat.unwrap(), update.clone()).await;
        handled(&stage, updates).await;
    }
    answers(&stage, ModelAnswered { request_id, chat_id: OLD, ..ModelAnswered::default() }).await;
    let answer = heard(&telegram, NEW, "In a greenhouse.").await;
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("Did that help?"), "the flow goes on under the new number: {text}");
    let here = "select count(*) from conversation where chat_id = -1007 and chat_kind = 'supergroup'
                and closed_why is null";
    assert_eq!(count(&stage, here).await, 1);
    let open = "select count(*) from conversation where closed_why is null";
    assert_eq!(count(&stage, open).await, 1);
    let told = sent(&telegram).await;
    let greenhouse = told.iter().filter(|sent| sent["text"].as_str().unwrap_or("").contains("greenhouse"));
    assert_eq!(greenhouse.count(), 1, "{told:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_keeps_its_question_and_its_flow() {
    goes_on(&[moved_to(), moved_from()], None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_messages_of_the_move_may_come_the_other_way_round_and_twice() {
    goes_on(&[moved_from(), moved_to(), moved_from(), moved_to()], None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_may_speak_in_the_supergroup_before_it_is_known_what_it_was() {
    goes_on(&[moved_to()], Some(message(&supergroup(), "/help"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_a_project_in_a_group_is_shown_the_way_into_private() {
    let telegram = telegram().await;
    let me =
        json!({ "ok": true, "result": { "id": 1, "is_bot": true, "first_name": "B", "username": "b_bot" } });
    let answer = ResponseTemplate::new(200).set_body_json(me);
    Mock::given(path_regex("/getMe$")).respond_with(answer).mount(&telegram).await;
    let mut stage = stage().await;
    // The reminder of the flow.
    stage.may_leave(&["job"]);
    let app = start(&stage, &telegram.uri()).await;
    until("the bot knows its name", async || {
        let asked = telegram.received_requests().await.unwrap();
        asked.iter().any(|request| request.url.path().ends_with("/setMyCommands")).then_some(())
    })
    .await;
    let way = |sent: &Value| sent["reply_markup"]["inline_keyboard"][0][0]["url"].as_str().map(str::to_owned);
    publish(&stage, "a", 1, OLD, message(&group(), "/project")).await;
    let told = heard(&telegram, OLD, "Let us do that in private, Ann").await;
    assert_eq!(way(&told).as_deref(), Some("https://t.me/b_bot?start=intake"), "{told}");
    let mut mira = press("flow:upload");
    mira["callback_query"]["from"] =
        json!({ "id": 8, "is_bot": false, "first_name": "Мира", "language_code": "ru" });
    publish(&stage, "a", 2, OLD, mira).await;
    let told = heard(&telegram, OLD, "Давайте наедине, Мира").await;
    assert_eq!(way(&told).as_deref(), Some("https://t.me/b_bot?start=upload"), "{told}");
    let private = json!({ "id": 7, "type": "private" });
    publish(&stage, "a", 3, 7, message(&private, "/start intake")).await;
    heard(&telegram, 7, "1/5").await;
    let begun =
        "select count(*) from conversation where state -> 'flow' ->> 'flow' = 'intake' and chat_id = 7";
    assert_eq!(count(&stage, begun).await, 1);
    let in_group = "select count(*) from conversation where state::text like '%intake%' and chat_id = -7";
    assert_eq!(count(&stage, in_group).await, 0, "nothing of it is kept with the group");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_file_is_told_in_the_topic_it_came_in() {
    let telegram = telegram().await;
    let stage = stage().await;
    let app = start(&stage, &telegram.uri()).await;
    let forum = json!({ "id": NEW, "type": "supergroup", "title": "F", "is_forum": true });
    for (update, topic) in [(1, 4), (2, 9)] {
        let mut sends = message(&forum, "");
        let file = json!({
            "file_id": format!("f{topic}"), "file_unique_id": format!("u{topic}"),
            "file_name": format!("of-{topic}.pdf"), "file_size": 900_000_000_u64,
        });
        let fields = sends["message"].as_object_mut().unwrap();
        fields.remove("text");
        fields.insert("document".to_owned(), file);
        fields.insert("caption".to_owned(), json!("/files"));
        fields.insert("message_thread_id".to_owned(), json!(topic));
        fields.insert("is_topic_message".to_owned(), json!(true));
        publish(&stage, "a", update, NEW, as_reply(sends)).await;
    }
    for topic in [4, 9] {
        let told = heard(&telegram, NEW, &format!("of-{topic}.pdf")).await;
        assert_eq!(told["message_thread_id"], json!(topic), "{told}");
        let other = format!("of-{}.pdf", 13 - topic);
        assert!(!told["text"].as_str().unwrap().contains(&other), "{told}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_group_that_moves_while_it_is_looked_at_is_told_of() {
    let telegram = telegram().await;
    let stage = stage().await;
    let app = start(&stage, &telegram.uri()).await;
    publish(&stage, "a", 1, OLD, message(&group(), "/help")).await;
    handled(&stage, 1).await;
    let mut sends = message(&supergroup(), "");
    let file = json!({
        "file_id": "f", "file_unique_id": "u", "file_name": "plan.pdf", "file_size": 900_000_000_u64,
    });
    let fields = sends["message"].as_object_mut().unwrap();
    fields.remove("text");
    fields.insert("document".to_owned(), file);
    fields.insert("caption".to_owned(), json!("/files"));
    publish(&stage, "a", 2, NEW, as_reply(sends)).await;
    publish(&stage, "a", 3, OLD, moved_to()).await;
    heard(&telegram, NEW, "plan.pdf").await;
    app.stop().await;
}
