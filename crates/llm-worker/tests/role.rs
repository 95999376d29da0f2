//! The role as it runs: a question in, exactly one answer out, on a real NATS and a real Postgres.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, BusSettings, Consumer, Delivery, WorkHandler};
use classify::Failure;
use events::message::bot::{ModelRequested, Turn, turn::Speaker};
use events::message::llm::{ModelAnswered, model_answered::Outcome};
use events::{Envelope, Event, Key, Trail};
use ids::{Clock, Ids, Secret};
use llm_worker::LlmWorker;
use pg::PgConnection;
use service_kit::{Options, Process, Settings};
use testkit::{PrivateNats, TestDatabase};
use tokio::sync::mpsc;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

const CHAT: i64 = 4_711;

struct Bench {
    database: TestDatabase,
    _nats: PrivateNats,
    settings: Settings,
    bus: Bus,
    ids: Ids,
    /// Every answer that was published, repetitions included.
    answers: mpsc::UnboundedReceiver<ModelAnswered>,
    seen: Vec<ModelAnswered>,
}

/// A bench whose worker asks the provider at `base_url`, or none where it is empty.
async fn bench(base_url: &str) -> Bench {
    let (database, nats) = tokio::join!(testkit::database(), testkit::nats_server());
    let (_, host) = database.url.split_once('@').unwrap();
    let url = format!("postgres://{}_llm:only-for-this-test@{host}", database.name);
    pg::provision(&database.secret(), "llm", &Secret::new(url.clone())).await.unwrap();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[nats]\nurl = \"{}\"\n[llm-worker]\ndatabase_url = \"{url}\"\n\
         bots_dir = \"{}\"\nbase_url = \"{base_url}\"\napi_key = \"k\"\nmodel = \"m\"\n\
         [llm-worker.retries]\nattempts = 3\nfirst_pause_ms = 1\n[llm-worker.prices]\ninput = 1000000\noutput = 2000000\n",
        nats.url(),
        testkit::workspace_root().join("bots").display(),
    );
    let settings = Settings::from_toml(&text, []).unwrap();
    let bus = Bus::connect(&BusSettings { url: nats.url().to_owned(), replicas: 1 }, "test").await.unwrap();
    bus.ensure_stream("bot").await.unwrap();
    let mut published = bus.core_subscribe(format!("ev.{}.>", ModelAnswered::NAME)).await.unwrap();
    bus.flush().await.unwrap();
    let (sender, answers) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(payload) = futures::StreamExt::next(&mut published).await {
            let _ = sender.send(ModelAnswered::decode(payload));
        }
    });
    todo_replace(answers)
}
