//! A worker with servers of its own, a provider that answers as told, and everything that was published.

use std::collections::HashMap;
use std::time::Duration;

use bus::{Bus, BusSettings};
use events::message::bot::{ErasureRequested, LeadCaptured, ModelRequested, Turn, turn::Speaker};
use events::message::llm::ModelAnswered;
use events::{Envelope, Event, Key, SUPERSEDED, Subject, Trail};
use futures::StreamExt;
use futures::stream::BoxStream;
use ids::{Clock, Ids, Secret};
use llm_worker::LlmWorker;
use pg::{Pool, PoolSettings};
use prost::Message;
use prost::bytes::Bytes;
use serde_json::{Value, json};
use service_kit::{Options, Process, Settings, StartError};
use sqlx::Row;
use testkit::{PrivateNats, TestDatabase};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const CHAT: i64 = 4_711;
const CONSUMER: &str = "llm-worker-requests";

pub(crate) type Asked = ModelRequested;

pub(crate) struct Bench {
    settings: Settings,
    folder: tempfile::TempDir,
    pool: Pool,
    bus: Bus,
    ids: Ids,
    /// Every answer as it is published, repetitions included.
    published: BoxStream<'static, Bytes>,
    _nats: PrivateNats,
    _database: TestDatabase,
}

/// A bench whose worker asks the provider at `base_url`, or none where it is empty.
pub(crate) async fn bench(base_url: &str) -> Bench {
    bench_with(base_url, "").await
}

/// The same with further settings.
pub(crate) async fn bench_with(base_url: &str, further: &str) -> Bench {
    let (database, nats) = tokio::join!(testkit::database(), testkit::nats_server());
    let (_, host) = database.url.split_once('@').unwrap();
    let url = format!("postgres://{}_llm:only-for-this-test@{host}", database.name);
    pg::provision(&database.secret(), "llm", &Secret::new(url.clone())).await.unwrap();
    let pool = pg::connect(&PoolSettings { url: Secret::new(url.clone()), max_connections: 2 }, "llm")
        .await
        .unwrap();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[nats]\nurl = \"{}\"\n[llm-worker]\ndatabase_url = \"{url}\"\n\
         bots_dir = \"{}\"\nbase_url = \"{base_url}\"\napi_key = \"k\"\nmodel = \"m\"\n\
         [llm-worker.retries]\nattempts = 3\nfirst_pause_ms = 1\n\
         [llm-worker.prices]\ninput = 1000000\noutput = 2000000\n{further}",
        nats.url().expose(),
        testkit::workspace_root().join("bots").display(),
    );
    let settings = Settings::from_toml(&text, []).unwrap();
    let bus = Bus::connect(&BusSettings::at(nats.url()), "test").await.unwrap();
    bus.ensure_stream("bot").await.unwrap();
    let published = bus.core_subscribe(Subject::filter(ModelAnswered::NAME, None)).await.unwrap();
    bus.flush().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("settings.toml"), text).unwrap();
    Bench { settings, folder, pool, bus, ids: Ids::system(), published, _nats: nats, _database: database }
}

impl Bench {
    pub(crate) async fn try_start(&self) -> Result<Process, StartError> {
        Process::start(&[&LlmWorker], &self.settings, Options::default()).await
    }

    pub(crate) async fn start(&self) -> Process {
        self.try_start().await.unwrap()
    }

    /// A worker on a runtime of its own: with it, everything of the worker is gone from one moment to the next.
    pub(crate) async fn start_mortal(&self) -> Runtime {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let settings = self.settings.clone();
        let started = runtime.spawn(async move {
            let process = Process::start(&[&LlmWorker], &settings, Options::default()).await.unwrap();
            tokio::spawn(async move { process.failed().await });
        });
        started.await.unwrap();
        runtime
    }

    /// A worker in a process of its own, to be killed.
    pub(crate) fn spawn(&self) -> std::process::Child {
        std::process::Command::new(env!("CARGO_BIN_EXE_dragoman-llm-worker"))
            .arg("--config")
            .arg(self.folder.path().join("settings.toml"))
            .spawn()
            .unwrap()
    }

    /// One number of the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// The same for a query that is put together here.
    pub(crate) async fn number_of(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap()
    }

    pub(crate) async fn ask(&self, language: &str, text: &str) -> Asked {
        self.ask_with(language, text, |_| {}).await
    }

    pub(crate) async fn ask_with(
        &self,
        language: &str,
        text: &str,
        change: impl FnOnce(&mut Asked),
    ) -> Asked {
        let mut request = ModelRequested {
            model: String::new(),
            request_id: self.ids.request().to_string(),
            conversation_id: self.ids.conversation().to_string(),
            bot: "dev2production".to_owned(),
            chat_id: CHAT,
            language: language.to_owned(),
            turns: vec![Turn { speaker: Speaker::Person.into(), text: text.to_owned() }],
            received_at_ms: 17,
            deadline_ms: Clock::system().now_ms() + 60_000,
            folder: String::new(),
            version: String::new(),
            facts: Vec::new(),
            context: String::new(),
            live: false,
        };
        change(&mut request);
        self.ask_again(&request).await;
        request
    }

    /// Publishes what the bot service says beside its questions.
    pub(crate) async fn publish(&self, event: &ErasureRequested) {
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        self.bus
            .publish(Envelope::new(id, Key::chat(&event.bot, event.chat_id), trail, 1, event))
            .await
            .unwrap();
    }

    /// Publishes another event of the chat; its id.
    pub(crate) async fn tell<E: Event>(&self, event: &E) -> String {
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        let key = Key::chat("dev2production", CHAT);
        self.bus.publish(Envelope::new(id.clone(), key, trail, 1, event)).await.unwrap();
        id.to_string()
    }

    pub(crate) const fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Waits until this query counts so many.
    pub(crate) async fn until_count(&self, what: &str, sql: &'static str, wanted: i64) {
        until(what, || async {
            let counted: i64 = sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap();
            counted == wanted
        })
        .await;
    }

    /// Publishes the request as an event of its own.
    pub(crate) async fn ask_again(&self, request: &Asked) {
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        self.bus.publish(Envelope::new(id, request.key(), trail, 1, request)).await.unwrap();
    }

    /// The conversation of this question leaves a lead.
    pub(crate) async fn lead(&self, asked: &Asked, lead_id: &str) {
        let (lead_id, conversation_id) = (lead_id.to_owned(), asked.conversation_id.clone());
        let lead = LeadCaptured { lead_id, conversation_id, ..LeadCaptured::default() };
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        self.bus.publish(Envelope::new(id, asked.key(), trail, 1, &lead)).await.unwrap();
    }

    /// The bot does not want its answer any more.
    pub(crate) async fn supersede(&self, request: &Asked) {
        self.bus.core_publish(SUPERSEDED, request.request_id.clone().into()).await.unwrap();
    }

    /// An event that nobody can read.
    pub(crate) async fn publish_nonsense(&self) {
        let (id, key) = (self.ids.event(), Key::chat("dev2production", CHAT));
        let trail = Trail::start(self.ids.trace(), id.clone());
        let mut envelope = Envelope::new(id, key, trail, 1, &ModelRequested::default());
        envelope.payload = vec![0xff; 7];
        self.bus.publish(envelope).await.unwrap();
    }

    /// Deletes the durable consumer, so that the next start begins at the first event.
    pub(crate) async fn forget_deliveries(&self) {
        self.bus
            .core_publish(format!("$JS.API.CONSUMER.DELETE.EV_BOT.{CONSUMER}"), Bytes::new())
            .await
            .unwrap();
        until("the consumer is gone", || async { self.bus.lag("bot", CONSUMER).await.is_err() }).await;
    }

    /// Waits until every question is worked off and every answer carried away.
    pub(crate) async fn settle(&self) {
        until("all is worked off", || async {
            let lag = self.bus.lag("bot", CONSUMER).await;
            lag.is_ok_and(|lag| lag.is_zero()) && self.count("outbox").await == 0
        })
        .await;
    }

    pub(crate) async fn until_dead_letters(&self, wanted: i64) {
        until("the dead letters are there", || async { self.count("dead_letter").await == wanted }).await;
    }

    async fn count(&self, table: &'static str) -> i64 {
        let sql = match table {
            "outbox" => "select count(*) from outbox",
            _ => "select count(*) from dead_letter",
        };
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// The answers to these requests with their keys, in this order: exactly one to each, and none beside.
    pub(crate) async fn answers(&mut self, asked: &[&Asked]) -> Vec<(ModelAnswered, Key)> {
        // What was published before this mark arrives before it.
        let mark = ModelAnswered { request_id: "mark".to_owned(), ..ModelAnswered::default() };
        let subject = Subject::new(ModelAnswered::NAME, &Key::of("mark"));
        self.bus.core_publish(subject.as_str(), mark.encode_to_vec().into()).await.unwrap();
        let mut answers: HashMap<String, ModelAnswered> = HashMap::new();
        loop {
            let payload = tokio::time::timeout(Duration::from_secs(20), self.published.next()).await;
            let answer = ModelAnswered::decode(payload.unwrap().unwrap()).unwrap();
            if answer.request_id == "mark" {
                break;
            }
            let twice = answers.insert(answer.request_id.clone(), answer);
            assert!(twice.is_none(), "a question was answered twice");
        }
        let mut ordered = Vec::new();
        for request in asked {
            let answer = answers.remove(&request.request_id).expect("every question has an answer");
            let key = answer.key();
            ordered.push((answer, key));
        }
        assert!(answers.is_empty(), "an answer came that nobody asked for");
        ordered
    }

    /// Questions that nobody could answer: `bot language question`.
    pub(crate) async fn unanswered(&self) -> Vec<String> {
        let rows =
            sqlx::query_scalar("select concat_ws(' ', bot, language, question) from gap_question order by 1");
        rows.fetch_all(&self.pool).await.unwrap()
    }

    /// By request: `outcome reason provider model prompt tokens+tokens cost`.
    pub(crate) async fn ledger(&self) -> HashMap<String, String> {
        let rows = sqlx::query(
            "select request_id, concat_ws(' ', outcome, coalesce(reason, '-'), provider, model, prompt,
                    prompt_tokens || '+' || completion_tokens, cost_micros) from ledger",
        );
        let rows = rows.fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// A provider that answers every call in one way.
pub(crate) async fn provider(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    answering(&server, response).await;
    server
}

pub(crate) async fn answering(server: &MockServer, response: ResponseTemplate) {
    Mock::given(method("POST")).respond_with(response).mount(server).await;
}

pub(crate) fn completion(content: &str) -> Value {
    json!({
        "model": "m-1",
        "choices": [{ "message": { "role": "assistant", "content": content }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 10 }
    })
}

/// Waits for a condition, for a minute at most.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..1_200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to this: {what}");
}
