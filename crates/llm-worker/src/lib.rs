//! The model worker: answers the questions that a bot can not answer by itself.
//!
//! It owns the providers of language models, the prompts as they go out, the knowledge base and the ledger of
//! what answers cost. It consumes `bot.model.requested` and publishes `llm.model.answered`, exactly one for
//! each question, whatever becomes of it. For each `bot.handoff.requested` it publishes `llm.handoff.prepared`, a
//! brief for whoever takes over.

mod answering;
mod asking;
mod config;
mod domain;
mod error;
mod evaluation;
mod grpc;
mod handlers;
mod http_server;
mod knowledge;
mod live;
mod money;
mod providers;
mod rehearsal;
mod remembering;
mod routing;
mod store;
mod superseded;
mod trial;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::Event;
use events::message::bot::{
    ErasureRequested, ExportRequested, HandoffRequested, LeadCaptured, ModelRequested,
};
use jobs::Queue;
use rpc::Bearer;
use rpc::bot::versions_client::VersionsClient;
use rpc::llm::costs_server::CostsServer;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use tokio::sync::Semaphore;
use tonic::service::Routes;

pub use config::{
    Auth, BreakerConfig, EmbeddingsConfig, Kind, KnowledgeConfig, ListedConfig, LlmConfig, MaxTokensField,
    ModelConfig, MoneyConfig, Prices, ProviderConfig, Retries, RoutingConfig, Terms, Tier, Timeouts,
    TokenizerKind,
};
pub use error::{ConfigError, LlmError};
pub use evaluation::{Evaluation, Margins, Only, Ran, Regression, SCRIPTS, Try, baseline_of, regressions};
pub use knowledge::Hit;
pub use knowledge::gaps::{Approved, Gap};
pub use knowledge::given::{Given, KnowledgeBase};
pub use money::config::{KeyLimits, TierLimits};
pub use money::costs::{By, CostLine, Costs, costs};
pub use rehearsal::{Rehearsal, Rehearsed};
pub use store::ledger::{Spent, of_conversation};
pub use store::person::set_tier;
pub use trial::{Benched, Checked, Spread, Trial};

use crate::answering::{Answering, Asker, Till};
use crate::grpc::{Models, TellCosts};
use crate::handlers::{HandoffRequestedHandler, LeadCapturedHandler, ModelRequestedHandler, PersonHandler};
use crate::knowledge::embeddings::{Books as BooksOfVectors, Embeddings};
use crate::knowledge::{Bots, Search};
use crate::money::Money;
use crate::providers::Tools;
use crate::remembering::{HandOver, Notes, Summarise};
use crate::routing::Routes as ModelRoutes;

const NAME: &str = "llm-worker";
/// A bot's files together, on the wire. Folders are refused far below it.
const MOST_OF_A_BOT: usize = 64 * 1024 * 1024;
const REQUESTS: &[&str] = &[ModelRequested::NAME];
/// What the ledger learns from.
const LEADS: &[&str] = &[LeadCaptured::NAME];
/// What a brief is prepared for.
const HANDOFFS: &[&str] = &[HandoffRequested::NAME];
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
        let steps_in = handler.answering.asker.fallback().map_or("nobody", |model| model.provider.name());
        let count = handler.answering.asker.catalog.models().len();
        tracing::info!(models = count, steps_in, "questions are answered");
        let money = handler.money.clone();
        let (run, keep) = (money.clone(), money.clone());
        let books = Task::new("books", move |stop| run.clone().run(stop));
        let keep = Task::new("keep-books", move |stop| keep.clone().keep(stop));
        let costs =
            TellCosts { pool: cx.pool.clone(), clock: cx.clock.clone(), config: config.money.clone() };
        let search = handler.search.clone();
        let catalog = handler.answering.asker.catalog.clone();
        let discover = Task::once("models", move |stop| {
            let catalog = catalog.clone();
            async move {
                // A provider that is slow to list its models is nothing to wait for at the end.
                stop.run_until_cancelled(catalog.discover_all()).await;
                Ok(())
            }
        });
        let (superseded, bus) = (handler.superseded.clone(), cx.bus.clone());
        let listen = Task::new("superseded", move |stop| superseded.clone().listen(bus.clone(), stop));
        let notes = Notes {
            asker: handler.answering.asker.clone(),
            money: handler.money.clone(),
            clock: cx.clock.clone(),
        };
        let summarise = Summarise { pool: cx.pool.clone(), notes: notes.clone() };
        let hand_over = HandOver {
            pool: cx.pool.clone(),
            bots: handler.bots.clone(),
            notes,
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
        };
        let handoffs = HandoffRequestedHandler { jobs: cx.jobs.clone() };
        let handoffs =
            bus::Consumer::unordered("llm-worker-handoffs", "bot", HANDOFFS, 16, Arc::new(handoffs));
        let models = Models {
            catalog: handler.answering.asker.catalog.clone(),
            money: handler.money.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            choosable: config.routing.choosable.clone().into(),
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
        let given = knowledge::given::queues(&config.knowledge, &cx.pool, &cx.clock, &cx.ids, &cx.jobs)
            .map_err(|error| StartError::role(NAME, classify::chain(&error)))?;
        let of_vectors = BooksOfVectors::new(&money, &cx.clock, &cx.ids, &config.embeddings);
        let fill = search.embeddings().map(|embeddings| knowledge::embeddings::fill(embeddings, of_vectors));
        let queues = given.into_iter().chain(fill);
        let parts = Parts::new()
            .consumer(requests)
            .consumer(persons)
            .consumer(leads)
            .consumer(handoffs)
            .queue(Queue::new(Arc::new(summarise)))
            .queue(Queue::new(Arc::new(hand_over)))
            .queue(remembering::forgetting(cx.pool.clone()))
            .task(listen)
            .task(books)
            .task(keep)
            .task(discover)
            .grpc(Routes::new(models.service()))
            .grpc(Routes::new(CostsServer::new(costs)));
        Ok(queues.fold(parts, Parts::queue))
    }
}

async fn handler(cx: &RoleContext, config: &LlmConfig) -> Result<ModelRequestedHandler, LlmError> {
    config.check()?;
    let tools = Tools { clock: cx.clock.clone(), ids: cx.ids.clone() };
    let money = Money::new(
        cx.pool.clone(),
        cx.clock.clone(),
        cx.ids.clone(),
        cx.outbox.clone(),
        config.money.clone(),
    )?;
    let answering = Answering {
        asker: Asker::build(config, &tools)?,
        routes: ModelRoutes::new(config.routing.clone()),
        till: Some(Till {
            money: money.clone(),
            max_tokens: config.max_tokens,
            prompt_tokens: config.prompt_tokens,
        }),
        ids: cx.ids.clone(),
    };
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
        bus: cx.bus.clone(),
        jobs: cx.jobs.clone(),
        bots: Arc::new(bots),
        answering,
        money,
        superseded: Arc::default(),
        answer_timeout: Duration::from_millis(config.answer_timeout_ms),
    })
}
