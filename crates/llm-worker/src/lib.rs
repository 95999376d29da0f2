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
mod grpc;
mod handlers;
mod knowledge;
mod money;
mod paying;
#[expect(dead_code, unused_imports, reason = "routing, money and the CLI use the rest of it")]
mod providers;
mod rehearsal;
mod store;
mod superseded;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::Event;
use events::message::bot::{ErasureRequested, ExportRequested, LeadCaptured, ModelRequested};
use rpc::Bearer;
use rpc::bot::versions_client::VersionsClient;
use rpc::llm::costs_server::CostsServer;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use tokio::sync::Semaphore;
use tonic::service::Routes;

pub use config::{
    Auth, BreakerConfig, Kind, LlmConfig, MaxTokensField, ModelConfig, MoneyConfig, Prices, ProviderConfig,
    Retries, Terms, Tier, Timeouts, TokenizerKind,
};
pub use error::{ConfigError, LlmError};
pub use money::config::{KeyLimits, TierLimits};
pub use money::costs::{By, CostLine, Costs, costs};
pub use rehearsal::{Rehearsal, Rehearsed};
pub use store::ledger::{Spent, of_conversation};
pub use store::person::set_tier;

use crate::answering::Asker;
use crate::grpc::{Models, TellCosts};
use crate::handlers::{LeadCapturedHandler, ModelRequestedHandler, PersonHandler};
use crate::knowledge::Bots;
use crate::money::Money;
use crate::paying::Till;
use crate::providers::Tools;

const NAME: &str = "llm-worker";
/// A bot's files together, on the wire. Folders are refused far below it.
const MOST_OF_A_BOT: usize = 64 * 1024 * 1024;
const REQUESTS: &[&str] = &[ModelRequested::NAME];
/// What the ledger learns from.
const LEADS: &[&str] = &[LeadCaptured::NAME];
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
        let steps_in = handler.asker.fallback().map_or("nobody", |model| model.provider.name());
        let model = &handler.asker.catalog.first().info.id;
        tracing::info!(%model, steps_in, "questions are answered");
        let (run, keep) = (handler.till.money.clone(), handler.till.money.clone());
        let books = Task::new("books", move |stop| run.clone().run(stop));
        let keep = Task::new("keep-books", move |stop| keep.clone().keep(stop));
        let costs =
            TellCosts { pool: cx.pool.clone(), clock: cx.clock.clone(), config: config.money.clone() };
        let (superseded, bus) = (handler.superseded.clone(), cx.bus.clone());
        let listen = Task::new("superseded", move |stop| superseded.clone().listen(bus.clone(), stop));
        let models = Models {
            catalog: handler.asker.catalog.clone(),
            money: handler.till.money.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            room: Arc::new(Semaphore::new(config.calls.into())),
        };
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
        let leads =
            bus::Consumer::unordered("llm-worker-leads", "bot", LEADS, 64, Arc::new(LeadCapturedHandler));
        Ok(Parts::new()
            .consumer(requests)
            .consumer(persons)
            .consumer(leads)
            .task(listen)
            .task(books)
            .task(keep)
            .grpc(Routes::new(models.service()))
            .grpc(Routes::new(CostsServer::new(costs))))
    }
}

async fn handler(cx: &RoleContext, config: &LlmConfig) -> Result<ModelRequestedHandler, LlmError> {
    config.check()?;
    let tools = Tools { clock: cx.clock.clone(), ids: cx.ids.clone() };
    let asker = Asker::build(config, &tools)?;
    let url = if config.bot_url.is_empty() { &cx.own_url } else { &config.bot_url };
    let channel = rpc::channel(url).ok_or(ConfigError::BotUrl)?;
    let bot_service = VersionsClient::with_interceptor(channel, Bearer::new(&cx.internal_token))
        .max_decoding_message_size(MOST_OF_A_BOT);
    let bots = Bots::load(&config.bots_dir, bot_service, cx.pool.clone(), cx.clock.clone()).await?;
    Ok(ModelRequestedHandler {
        pool: cx.pool.clone(),
        clock: cx.clock.clone(),
        ids: cx.ids.clone(),
        outbox: cx.outbox.clone(),
        bots: Arc::new(bots),
        asker,
        superseded: Arc::default(),
        till: Till {
            money: Money::new(
                cx.pool.clone(),
                cx.clock.clone(),
                cx.ids.clone(),
                cx.outbox.clone(),
                config.money.clone(),
            )?,
            prices: config.prices,
            max_tokens: config.max_tokens,
        },
        answer_timeout: Duration::from_millis(config.answer_timeout_ms),
    })
}
