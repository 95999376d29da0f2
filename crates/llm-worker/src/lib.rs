//! The model worker: answers the questions that a bot can not answer by itself.
//!
//! It owns the providers of language models, the prompts as they go out, the knowledge base and the ledger of
//! what answers cost. It consumes `bot.model.requested` and publishes `llm.model.answered`, exactly one for
//! each question, whatever becomes of it.

mod answering;
mod asking;
mod config;
mod domain;
mod error;
mod handlers;
mod knowledge;
mod providers;
mod rehearsal;
mod store;
mod superseded;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::Event;
use events::message::bot::{ErasureRequested, ExportRequested, ModelRequested};
use rpc::Bearer;
use rpc::bot::versions_client::VersionsClient;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};

pub use config::{EmbeddingsConfig, KnowledgeConfig, LlmConfig, MaxTokensField, Prices, Retries};
pub use error::{ConfigError, LlmError};
pub use knowledge::Hit;
pub use knowledge::gaps::{Approved, Gap};
pub use knowledge::given::{Given, KnowledgeBase};
pub use rehearsal::{Rehearsal, Rehearsed};
pub use store::ledger::{Spent, of_conversation};

use crate::handlers::{ModelRequestedHandler, PersonHandler};
use crate::knowledge::embeddings::Embeddings;
use crate::knowledge::{Bots, Search};
use crate::providers::{Providers, Tools};

const NAME: &str = "llm-worker";
/// A bot's files together, on the wire. Folders are refused far below it.
const MOST_OF_A_BOT: usize = 64 * 1024 * 1024;
const REQUESTS: &[&str] = &[ModelRequested::NAME];
/// What is asked about a person.
const PERSONS: &[&str] = &[ErasureRequested::NAME, ExportRequested::NAME];

/// The role `llm-worker`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LlmWorker;

#[async_trait]
impl Role for LlmWorker {
    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> &'static str {
        "llm"
    }

    fn migrator(&self) -> &'static pg::Migrator {
        &store::MIGRATOR
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("llm")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<LlmConfig>(NAME)]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: LlmConfig = cx.config()?;
        let handler = handler(cx, &config).await.map_err(|error| match error {
            LlmError::Database(source) => StartError::Database { role: NAME, source },
            error => StartError::role(NAME, classify::chain(&error)),
        })?;
        let steps_in = handler.providers.fallback.as_ref().map_or("nobody", |provider| provider.name());
        tracing::info!(provider = handler.providers.first.name(), steps_in, model = %config.model, "questions are answered");
        let search = handler.search.clone();
        let (superseded, bus) = (handler.superseded.clone(), cx.bus.clone());
        let listen = Task::new("superseded", move |stop| superseded.clone().listen(bus.clone(), stop));
        let requests = bus::Consumer::work(
            "llm-worker-requests",
            "bot",
            REQUESTS,
            config.concurrency,
            Arc::new(handler),
        );
        let persons =
            PersonHandler { clock: cx.clock.clone(), ids: cx.ids.clone(), outbox: cx.outbox.clone() };
        let persons = bus::Consumer::unordered("llm-worker-persons", "bot", PERSONS, 16, Arc::new(persons));
        let given = knowledge::given::queues(&config.knowledge, &cx.pool, &cx.clock, &cx.ids, &cx.jobs)
            .map_err(|error| StartError::role(NAME, classify::chain(&error)))?;
        let queues = given.into_iter().chain(search.embeddings().map(knowledge::embeddings::fill));
        let parts = Parts::new().consumer(requests).consumer(persons).task(listen);
        Ok(queues.fold(parts, Parts::queue))
    }
}

async fn handler(cx: &RoleContext, config: &LlmConfig) -> Result<ModelRequestedHandler, LlmError> {
    config.check()?;
    let tools = Tools { clock: cx.clock.clone(), ids: cx.ids.clone() };
    let providers = Providers::build(config, &tools)?;
    let url = if config.bot_url.is_empty() { &cx.own_url } else { &config.bot_url };
    let channel = rpc::channel(url).ok_or(ConfigError::BotUrl)?;
    let bot_service = VersionsClient::with_interceptor(channel, Bearer::new(&cx.internal_token))
        .max_decoding_message_size(MOST_OF_A_BOT);
    let bots = Bots::load(&config.bots_dir, bot_service, cx.pool.clone(), cx.clock.clone()).await?;
    let embeddings = Embeddings::build(&config.embeddings, &cx.pool).await?;
    let search = Search::new(cx.pool.clone(), embeddings);
    Ok(ModelRequestedHandler {
        search,
        clock: cx.clock.clone(),
        ids: cx.ids.clone(),
        outbox: cx.outbox.clone(),
        bots: Arc::new(bots),
        providers,
        superseded: Arc::default(),
        answer_timeout: Duration::from_millis(config.answer_timeout_ms),
    })
}
