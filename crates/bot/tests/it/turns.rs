//! One human turn, one answer, on a real Postgres and a real NATS: bursts, superseded questions, edits, and the end
//! of the process in between.

use std::fs;

use bus::Delivery;
use events::message::bot::ModelRequested;
use events::message::gateway::UpdateReceived;
use events::message::llm::{ModelAnswered, model_answered::Outcome};
use events::{Envelope, Event, SUPERSEDED, Trail};
use futures::StreamExt;
use futures::stream::BoxStream;
use ids::{EventId, Ids};
use serde_json::{Value, json};
use testkit::{App, Stage, until};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{self, stage};

pub(crate) const CHAT: i64 = 7;

/// One chat with the bot `a`, its Telegram, and what models are asked.
pub(crate) struct World {
    pub(crate) telegram: MockServer,
    asked: BoxStream<'static, Result<Delivery, bus::BusError>>,
    _bots: tempfile::TempDir,
    app: Option<App>,
    another: Option<App>,
    updates: i64,
    pub(crate) stage: Stage,
}

impl World {
    /// `turns` goes to `bot.yml`.
    pub(crate) async fn new(turns: &str) -> Self {
        let mut stage = stage().await;
        // The deadline of a question outlives its answer.
        stage.may_leave(&["job"]);
        let bots = tempfile::tempdir().unwrap();
        copy(&testkit::workspace_root().join("bots/dev2production"), &bots.path().join("dev2production"));
        let file = bots.path().join("dev2production/bot.yml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\nturns: {turns}\n")).unwrap();
        let telegram = MockServer::start().await;
        let sent = |request: &Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            // A number that no other message of the test has.
            let id = 1_000 + body["text"].as_str().unwrap_or_default().len();
            let result = json!({ "message_id": id, "date": 1, "chat": { "id": CHAT, "type": "private" } });
            ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": result }))
        };
        for method in ["sendMessage", "editMessageText"] {
            Mock::given(path(format!("/bot1:token-of-a/{method}"))).respond_with(sent).mount(&telegram).await;
        }
        let done = json!({ "ok": true, "result": true });
        for method in ["sendChatAction", "sendMessageDraft"] {
            Mock::given(path(format!("/bot1:token-of-a/{method}")))
                .respond_with(ResponseTemplate::new(200).set_body_json(done.clone()))
                .with_priority(9)
                .mount(&telegram)
                .await;
        }
        stage.bus().ensure_stream("bot").await.unwrap();
        let asked = stage.bus().tail("bot", true).await.unwrap();
        let mut world = Self { telegram, asked, _bots: bots, app: None, another: None, updates: 0, stage };
        world.start().await;
        world
    }

    pub(crate) async fn start(&mut self) {
        let bots = self._bots.path();
        self.app = Some(support::start_from(&self.stage, &self.telegram.uri(), bots, "").await);
    }

    /// Another replica, which ends with this one.
    pub(crate) async fn start_another(&mut self) {
        let bots = self._bots.path();
        self.another = Some(support::start_from(&self.stage, &self.telegram.uri(), bots, "").await);
    }

    fn kill(&mut self) {
        self.app.take().unwrap().kill();
    }

    pub(crate) async fn stop(mut self) {
        if let Some(another) = self.another.take() {
            another.stop().await;
        }
        self.app.take().unwrap().stop().await;
    }

    async fn publish(&mut self, update: Value) {
        self.updates += 1;
        let mut raw = update;
        raw["update_id"] = self.updates.into();
        let event = UpdateReceived {
            bot: "a".to_owned(),
            update_id: self.updates,
            chat_id: CHAT,
            raw: raw.to_string().into_bytes(),
            received_at_ms: 1,
            ..UpdateReceived::default()
        };
        let id = EventId::of_update("a", self.updates);
        let trail = Trail::start(Ids::system().trace(), id.clone());
        self.stage.bus().publish(Envelope::new(id, event.key(), trail, 1, &event)).await.unwrap();
    }

    pub(crate) async fn says(&mut self, message_id: i64, text: &str) {
        self.publish(json!({ "message": message(message_id, text) })).await;
    }

    async fn edits(&mut self, message_id: i64, text: &str) {
        let mut edited = message(message_id, text);
        edited["edit_date"] = json!(2);
        self.publish(json!({ "edited_message": edited })).await;
    }

    /// The next question that a model is asked.
    pub(crate) async fn is_asked(&mut self) -> ModelRequested {
        loop {
            let event = self.asked.next().await.unwrap().unwrap();
            if event.name() == ModelRequested::NAME {
                return event.decode().unwrap();
            }
        }
    }

    pub(crate) async fn answers(&self, request: &ModelRequested, text: &str) {
        let answered = ModelAnswered {
            request_id: request.request_id.clone(),
            conversation_id: request.conversation_id.clone(),
            bot: request.bot.clone(),
            chat_id: request.chat_id,
            outcome: Outcome::Answered.into(),
            text: text.to_owned(),
            ..ModelAnswered::default()
        };
        let id = Ids::system().event();
        let trail = Trail::start(Ids::system().trace(), id.clone());
        self.stage.bus().publish(Envelope::new(id, answered.key(), trail, 1, &answered)).await.unwrap();
    }

    /// What the person sees: method, text, and what it replies to or changes.
    async fn seen(&self) -> Vec<(String, String, Option<i64>)> {
        let calls = self.telegram.received_requests().await.unwrap();
        let call = |call: &Request| {
            let method = call.url.path().rsplit('/').next().unwrap_or_default().to_owned();
            let body: Value = serde_json::from_slice(&call.body).ok()?;
            let text = body["text"].as_str()?.to_owned();
            let to = body["message_id"].as_i64().or(body["reply_parameters"]["message_id"].as_i64());
            Some((method, text, to))
                .filter(|(method, ..)| method.ends_with("Text") || method == "sendMessage")
        };
        calls.iter().filter_map(call).collect()
    }

    pub(crate) async fn sees(&self, count: usize) -> Vec<(String, String, Option<i64>)> {
        until(&format!("{count} answers"), async || {
            let seen = self.seen().await;
            (seen.len() >= count).then_some(seen)
        })
        .await
    }

    /// What the buttons of the nth answer carry.
    async fn buttons(&self, nth: usize) -> Vec<String> {
        let calls = self.telegram.received_requests().await.unwrap();
        let bodies = calls.iter().filter_map(|call| serde_json::from_slice::<Value>(&call.body).ok());
        let answer = bodies.filter(|body| body["text"].is_string()).nth(nth).unwrap();
        let rows = answer["reply_markup"]["inline_keyboard"].as_array().unwrap();
        let buttons = rows.iter().flat_map(|row| row.as_array().unwrap());
        buttons.map(|button| button["callback_data"].as_str().unwrap().to_owned()).collect()
    }

    async fn presses(&mut self, data: &str) {
        let from = json!({ "id": CHAT, "is_bot": false, "first_name": "Ann", "language_code": "en" });
        let below = message(1_000, "a question");
        let press =
            json!({ "id": "press", "from": from, "message": below, "chat_instance": "1", "data": data });
        self.publish(json!({ "callback_query": press })).await;
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.stage.pool("bot")).await.unwrap()
    }

    pub(crate) async fn until_count(&self, what: &str, sql: &'static str, wanted: i64) {
        until(what, async || (self.count(sql).await == wanted).then_some(())).await;
    }

    /// Waits until the updates so far are handled.
    async fn is_handled(&self) {
        let wanted = self.updates;
        until("all is handled", async || {
            (self.count("select count(*) from inbox where event_id like 'a:%'").await == wanted).then_some(())
        })
        .await;
    }
}

fn message(message_id: i64, text: &str) -> Value {
    let from = json!({ "id": CHAT, "is_bot": false, "first_name": "Ann", "language_code": "en" });
    let chat = json!({ "id": CHAT, "type": "private" });
    json!({ "message_id": message_id, "date": 1, "from": from, "chat": chat, "text": text })
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn skip(buttons: &[String]) -> &str {
    buttons.iter().find(|data| data.ends_with(":skip")).unwrap()
}

fn question(request: &ModelRequested) -> Vec<&str> {
    request.turns.iter().map(|turn| turn.text.as_str()).collect()
}

const QUIET_JOBS: &str = "select count(*) from job where queue = 'bot.quiet'";

#[tokio::test(flavor = "multi_thread")]
async fn three_quick_messages_are_one_question_and_get_one_answer() {
    let mut world = World::new("{ quiet_ms: 2500 }").await;
    for (nth, text) in [(1, "how many moons"), (2, "has Jupiter"), (3, "and who saw them first?")] {
        world.says(nth, text).await;
    }
    let request = world.is_asked().await;
    // The words are not shown a second time as what was said before.
    assert_eq!(question(&request), ["how many moons\nhas Jupiter\nand who saw them first?"]);
    assert_eq!(request.received_at_ms, 1);
    world.answers(&request, "Ninety-five.").await;
    let seen = world.sees(1).await;
    assert_eq!(seen, [("sendMessage".to_owned(), "Ninety-five.".to_owned(), None)]);
    assert_eq!(world.count(QUIET_JOBS).await, 0, "one job, and it is done");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_faq_knows_waits_for_no_job() {
    // A quiet period that would never end within this test.
    let mut world = World::new("{ quiet_ms: 60000, most_ms: 60000 }").await;
    world.says(1, "do you sign an NDA?").await;
    let seen = world.sees(1).await;
    assert!(seen[0].1.starts_with("We sign an NDA"), "{seen:?}");
    assert_eq!(
        world.count("select count(*) from job where queue in ('bot.quiet', 'bot.model-deadline')").await,
        0
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_a_message_and_its_job_loses_nothing_and_asks_once() {
    let mut world = World::new("{ quiet_ms: 2000, most_ms: 4000 }").await;
    world.says(1, "how many moons").await;
    world.until_count("the question is open", QUIET_JOBS, 1).await;
    world.kill();
    assert_eq!(world.count(QUIET_JOBS).await, 1, "it died before the job ran");
    // While nobody is there, more is written, and everything is delivered once more.
    world.says(2, "has Jupiter").await;
    world.start().await;
    let mut request = world.is_asked().await;
    // Where the start took longer than the quiet period the question was asked first, and superseded then.
    if question(&request) == ["how many moons"] {
        request = world.is_asked().await;
    }
    assert_eq!(question(&request), ["how many moons\nhas Jupiter"]);
    world.kill();
    // Its answer comes while nobody is there.
    world.answers(&request, "Ninety-five.").await;
    world.start().await;
    assert_eq!(world.sees(1).await[0].1, "Ninety-five.");
    // Nothing else has been asked or said meanwhile: what follows is the very next.
    world.says(3, "and who saw them first?").await;
    let next = world.is_asked().await;
    assert_eq!(question(&next), ["how many moons", "has Jupiter", "Ninety-five.", "and who saw them first?"]);
    world.answers(&next, "Galileo.").await;
    let seen = world.sees(2).await;
    assert_eq!(
        seen.iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>(),
        ["Ninety-five.", "Galileo."]
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_message_supersedes_the_question_and_its_late_answer_is_kept_as_a_fact() {
    let mut world = World::new("{ quiet_ms: 100 }").await;
    let mut told = world.stage.bus().core_subscribe(SUPERSEDED).await.unwrap();
    world.stage.bus().flush().await.unwrap();
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    world.says(2, "I mean those that have names").await;
    let second = world.is_asked().await;
    assert_eq!(question(&second), ["how many moons has Jupiter\nI mean those that have names"]);
    let superseded = told.next().await.unwrap();
    assert_eq!(superseded, first.request_id.as_bytes());
    world.answers(&first, "Ninety-five.").await;
    world.answers(&second, "Fifty-seven.").await;
    assert_eq!(world.sees(1).await[0].1, "Fifty-seven.");
    let sql = "select text, ignored_why from message where not from_person and ignored_why is not null";
    let facts: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(world.stage.pool("bot")).await.unwrap();
    let why = "a newer message has taken the question's place";
    assert_eq!(facts, [("Ninety-five.".to_owned(), why.to_owned())]);
    // And it is not what the bot has said.
    world.says(3, "thank goodness it is not more than I can count").await;
    let third = world.is_asked().await;
    assert!(!question(&third).contains(&"Ninety-five."), "{:?}", question(&third));
    world.answers(&third, "Indeed.").await;
    world.sees(2).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_last_question_changes_its_answer_in_place() {
    let mut world = World::new("{ quiet_ms: 100 }").await;
    world.says(1, "how many moons has Jupeter").await;
    let first = world.is_asked().await;
    world.answers(&first, "Who is Jupeter?").await;
    world.sees(1).await;
    world.until_count("it is kept", "select count(*) from message where answers = 1", 1).await;
    world.edits(1, "how many moons has Jupiter").await;
    let second = world.is_asked().await;
    assert_eq!(question(&second), ["how many moons has Jupiter"], "neither the slip nor its answer is shown");
    world.answers(&second, "Ninety-five.").await;
    let seen = world.sees(2).await;
    let place = Some(1_000 + i64::try_from("Who is Jupeter?".len()).unwrap());
    assert_eq!(seen[1], ("editMessageText".to_owned(), "Ninety-five.".to_owned(), place));
    // An answer of the FAQ takes the same place.
    world.until_count("it is kept", "select count(*) from message where answers = 1", 2).await;
    world.edits(1, "do you sign an NDA?").await;
    let seen = world.sees(3).await;
    assert_eq!((seen[2].0.as_str(), seen[2].2), ("editMessageText", place));
    assert!(seen[2].1.starts_with("We sign an NDA"), "{seen:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_something_was_said_since_an_edit_is_answered_by_a_reply_and_an_older_one_not_at_all() {
    let mut world = World::new("{ quiet_ms: 100 }").await;
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    world.says(2, "do you sign an NDA?").await;
    world.sees(1).await;
    world.answers(&first, "Ninety-five.").await;
    world.sees(2).await;
    world.until_count("both are kept", "select count(*) from message where answers > 0", 2).await;
    // Its answer is no longer the last thing said.
    world.edits(2, "how much does it cost?").await;
    let seen = world.sees(3).await;
    assert_eq!((seen[2].0.as_str(), seen[2].2), ("sendMessage", Some(2)));
    assert!(seen[2].1.starts_with("It depends on the task"), "{seen:?}");
    world.edits(1, "how many moons has Saturn").await;
    world.is_handled().await;
    let sql = "select ignored_why from message where kind = 'edited' and message_id = 1";
    let why: Option<String> = sqlx::query_scalar(sql).fetch_one(world.stage.pool("bot")).await.unwrap();
    assert_eq!(why.as_deref(), Some("an older message was edited; it stays as it was answered"));
    assert_eq!(world.count("select count(*) from job where queue in ('bot.send', 'bot.quiet')").await, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_a_question_that_an_edit_took_back_is_stale_after_a_restart_too() {
    let mut world = World::new("{}").await;
    world.says(1, "/project").await;
    world.says(2, "software development").await;
    world.sees(2).await;
    let old = world.buttons(1).await;
    world.until_count("it is kept", "select count(*) from message where answers = 2", 1).await;
    world.edits(2, "devops").await;
    let seen = world.sees(3).await;
    assert_eq!(seen[2].0, "editMessageText", "{seen:?}");
    let new = world.buttons(2).await;
    assert_ne!(old, new);
    // Else what is not known to have been sent might be sent again.
    world.until_count("it is kept", "select count(*) from message where answers = 2", 2).await;
    world.kill();
    world.start().await;
    world.presses(skip(&old)).await;
    let seen = world.sees(4).await;
    assert!(seen[3].1.starts_with("That button belongs to an earlier question.\n\n2/5."), "{seen:?}");
    world.presses(skip(&new)).await;
    let seen = world.sees(5).await;
    assert!(seen[4].1.starts_with("3/5."), "{seen:?}");
    world.stop().await;
}
