//! The bot service. It owns conversations, leads and sending to Telegram. It consumes updates (from the
//! gateway), model answers (from the llm-worker) and what became of deals (from the crm), and publishes conversation facts, leads, model requests
//! and what became of its sends.

mod bots;
mod choosable;
mod config;
mod conversation;
pub mod domain;
pub mod erasures;
pub mod eval;
mod files;
mod grpc;
mod handlers;
mod http;
mod inbound;
mod introduce;
mod jobs;
pub mod leads;
pub mod limits;
mod live;
mod persons;
pub mod profile;
mod rights;
pub mod scenario;
mod store;
pub mod transcript;
pub mod versions;

use std::sync::Arc;

use ::jobs::{Queue, periodic};
use async_trait::async_trait;
use bus::Consumer;
use ids::SignedDuration;
use pg::Migrator;
use rpc::bot::versions_server::VersionsServer;
use rpc::llm::costs_client::CostsClient;
use rpc::llm::models_client::ModelsClient;
use rpc::{Bearer, Channel};
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use telegram::TelegramConfig;
use tonic::service::Routes;

pub use config::BotServiceConfig;
pub use files::{FilesConfig, S3Config};

use crate::bots::Bots;
use crate::choosable::{Choosable, LearnChoosable};
use crate::conversation::Conversations;
use crate::files::{Scanner, Vault};
use crate::grpc::Versions;
use crate::handlers::{DealMovedHandler, ModelAnsweredHandler, UpdateReceivedHandler};
use crate::introduce::introduce;
use crate::jobs::{
    EraseFiles, GiveNotice, LiftLimit, LookAtFile, ModelDeadline, QuietEnds, RemindOfFlow, SendMessage,
    TellCosts, TellOfFiles,
};
use crate::live::Live;
use crate::persons::with_rights;
use crate::versions::Watch;

/// The role.
#[derive(Debug)]
pub struct Bot;

#[async_trait]
impl Role for Bot {
    fn name(&self) -> &'static str {
        "bot"
    }

    fn schema(&self) -> &'static str {
        "bot"
    }

    fn migrator(&self) -> &'static Migrator {
        &store::MIGRATIONS
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("bot")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![
            SectionDoc::of::<BotServiceConfig>("bot"),
            SectionDoc::of::<FilesConfig>("files"),
            SectionDoc::of::<TelegramConfig>("telegram"),
        ]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: BotServiceConfig = cx.config()?;
        config.check().map_err(|what| StartError::role("bot", what))?;
        let files: FilesConfig = cx.settings.section("files")?;
        files.check().map_err(|what| StartError::role("bot", what))?;
        let vault = Vault::of(&files).map_err(|what| StartError::role("bot", what))?;
        let telegram: TelegramConfig = cx.settings.section("telegram")?;
        telegram.validate().map_err(|error| StartError::role("bot", classify::chain(&error)))?;
        let bots = Bots::load(&telegram, &config.bots_dir, &cx.pool, &cx.clock)
            .await
            .map_err(|error| StartError::role("bot", classify::chain(&error)))?;
        let bots = Arc::new(bots);
        let choosable = Choosable::default();
        let conversations = Conversations {
            bots: bots.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
            jobs: cx.jobs.clone(),
            bus: cx.bus.clone(),
            history: config.model_history,
            keep_files: SignedDuration::from_hours(24 * i64::from(files.keep_days)),
            limits: config.limits,
            drafts: config.drafts,
            choosable: choosable.clone(),
        };
        let worker = worker(cx, &config)?;
        let bearer = Bearer::new(&cx.internal_token);
        let ledger = CostsClient::with_interceptor(worker.clone(), bearer.clone());
        let costs = TellCosts { conversations: conversations.clone(), ledger };
        let learn = LearnChoosable {
            choosable: choosable.clone(),
            bots: bots.clone(),
            worker: ModelsClient::with_interceptor(worker, bearer),
        };
        let admins = config.admins.clone();
        let updates = Arc::new(UpdateReceivedHandler { conversations: conversations.clone(), admins });
        let answers = Arc::new(ModelAnsweredHandler(conversations.clone()));
        let deals = Arc::new(DealMovedHandler(conversations.clone()));
        let send = SendMessage {
            bots: bots.clone(),
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            config: config.clone(),
            outbox: cx.outbox.clone(),
            jobs: cx.jobs.clone(),
        };
        let watch = Watch {
            bots: bots.clone(),
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
            choosable: choosable.clone(),
        };
        let notice = GiveNotice { bots: bots.clone(), pool: cx.pool.clone(), clock: cx.clock.clone() };
        let live = Live::new(bots.clone(), cx.pool.clone(), cx.bus.clone(), config.clone());
        let quiet = QuietEnds { conversations: conversations.clone() };
        let reminder = RemindOfFlow { conversations: conversations.clone() };
        let look = LookAtFile {
            bots: bots.clone(),
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
            jobs: cx.jobs.clone(),
            vault: vault.clone(),
            scanner: Scanner::at(&files.clamav),
            concurrency: files.concurrency,
        };
        let erase = EraseFiles { pool: cx.pool.clone(), clock: cx.clock.clone(), vault: vault.clone() };
        let tell = TellOfFiles { conversations: conversations.clone() };
        let lift = LiftLimit { conversations: conversations.clone() };
        let deadline = ModelDeadline { conversations };
        let parts = Parts::new()
            .consumer(Consumer::ordered("bot-updates", "gateway", &["gateway.update.received"], updates))
            .consumer(Consumer::ordered("bot-answers", "llm", &["llm.model.answered"], answers))
            .queue(Queue::new(Arc::new(send)))
            .queue(Queue::new(Arc::new(notice)))
            .queue(Queue::new(Arc::new(quiet)))
            .queue(Queue::new(Arc::new(deadline)))
            .grpc(Routes::new(VersionsServer::new(Versions { pool: cx.pool.clone() })))
            .task(Task::new("choosable", move |stop| learn.clone().run(stop)))
            .task(Task::new("versions", move |stop| watch.clone().run(stop)))
            .task(Task::new("drafts", move |stop| live.clone().run(stop)))
            .queue(Queue::new(Arc::new(reminder)))
            .queue(Queue::new(Arc::new(look)))
            .queue(Queue::new(Arc::new(tell)))
            .queue(periodic(EraseFiles::QUEUE, EraseFiles::EVERY, Arc::new(erase)))
            .routes(http::routes(cx.pool.clone(), cx.clock.clone(), vault.clone(), &files))
            .queue(Queue::new(Arc::new(lift)))
            .queue(Queue::new(Arc::new(costs)))
            .task(Task::once("introduction", {
                let bots = bots.clone();
                move |_| introduce(bots.clone(), choosable.clone())
            }));
        let has_crm = config.person_services.iter().any(|service| service == "crm");
        let parts = if has_crm {
            parts.consumer(Consumer::ordered("bot-deals", "crm", &["crm.deal.moved"], deals))
        } else {
            parts
        };
        Ok(with_rights(parts, cx, &config, &bots, vault))
    }
}

/// The line to the model worker, which is asked for costs and for models to choose; it connects when it is first used.
fn worker(cx: &RoleContext, config: &BotServiceConfig) -> Result<Channel, StartError> {
    let url = if config.llm_url.is_empty() { &cx.own_url } else { &config.llm_url };
    rpc::channel(url)
        .ok_or_else(|| StartError::role("bot", "[bot] llm_url is not an address; write http://host:port"))
}
