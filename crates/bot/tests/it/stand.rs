//! What answers in the place of the model worker, and private chats with the bot `a`.

use std::sync::LazyLock;

use async_trait::async_trait;
use events::message::gateway::UpdateReceived;
use events::{Envelope, Trail};
use ids::{EventId, Ids};
use pg::Migrator;
use serde_json::json;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError};
use testkit::{Stage, until};
use tonic::service::Routes;
use wiremock::matchers::{path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The role `llm-worker` with these services.
pub(crate) struct Stand(pub(crate) Routes);

#[async_trait]
impl Role for Stand {
    fn name(&self) -> &'static str {
        "llm-worker"
    }

    fn schema(&self) -> &'static str {
        "llm"
    }

    fn migrator(&self) -> &'static Migrator {
        static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));
        &NONE
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("llm")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        Vec::new()
    }

    async fn build(&self, _: &RoleContext) -> Result<Parts, StartError> {
        Ok(Parts::new().grpc(self.0.clone()))
    }
}

pub(crate) async fn says(stage: &Stage, update_id: i64, chat_id: i64, text: &str) {
    let raw = json!({ "update_id": update_id, "message": {
        "message_id": update_id, "date": 1, "text": text, "chat": { "id": chat_id, "type": "private" },
        "from": { "id": chat_id, "is_bot": false, "first_name": "Ann", "language_code": "en" },
        "entities": if text.starts_with('/') {
            let length = text.split(' ').next().unwrap_or(text).len();
            json!([{ "type": "bot_command", "offset": 0, "length": length }])
        } else {
            json!([])
        },
    } });
    let (bot, raw) = ("a".to_owned(), raw.to_string().into_bytes());
    let event = UpdateReceived { bot, update_id, chat_id, raw, ..UpdateReceived::default() };
    let id = EventId::of_update("a", update_id);
    let trail = Trail::start(Ids::system().trace(), id.clone());
    stage.bus().publish(Envelope::new(id, event.key(), trail, 1, &event)).await.unwrap();
}

pub(crate) async fn telegram() -> MockServer {
    let telegram = MockServer::start().await;
    let ok = |result: serde_json::Value| {
        ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": result }))
    };
    let sent = json!({ "message_id": 1, "date": 1, "chat": { "id": 7, "type": "private" } });
    Mock::given(path("/bot1:token-of-a/sendMessage")).respond_with(ok(sent)).mount(&telegram).await;
    let me = json!({ "id": 1, "is_bot": true, "first_name": "B", "username": "b_bot" });
    Mock::given(path_regex("/getMe$")).respond_with(ok(me)).mount(&telegram).await;
    Mock::given(path_regex(".*")).respond_with(ok(json!(true))).mount(&telegram).await;
    telegram
}

/// What a chat was told, once something of it holds this.
pub(crate) async fn told(telegram: &MockServer, chat_id: i64, what: &str) -> String {
    until("it is told", async || {
        let calls = telegram.received_requests().await.unwrap();
        let sends = calls.iter().filter(|call| call.url.path().ends_with("/sendMessage"));
        let bodies = sends.map(|call| call.body_json::<serde_json::Value>().unwrap());
        let texts = bodies.filter(|body| body["chat_id"] == chat_id).map(|body| body["text"].to_string());
        texts.into_iter().find(|text| text.contains(what))
    })
    .await
}
