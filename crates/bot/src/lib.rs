//! The bot service. It owns conversations, leads and sending to Telegram. It consumes updates (from the
//! gateway) and model answers (from the llm-worker), and publishes conversation facts, leads, model requests
//! and what became of its sends.

mod bots;
mod config;
mod conversation;
pub mod domain;
pub mod eval;
mod handlers;
mod inbound;
mod introduce;
mod jobs;
pub mod scenario;
mod store;

use std::sync::Arc;

use ::jobs::Queue;
use async_trait::async_trait;
use bus::Consumer;
use pg::Migrator;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use telegram::TelegramConfig;

pub use config::BotServiceConfig;

use crate::bots::Bots;
use crate::conversation::Conversations;
use crate::handlers::{ModelAnsweredHandler, UpdateReceivedHandler};
use crate::introduce::introduce;
use crate::jobs::{GiveNotice, ModelDeadline, SendMessage};

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
        vec![SectionDoc::of::<BotServiceConfig>("bot"), SectionDoc::of::<TelegramConfig>("telegram")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: BotServiceConfig = cx.config()?;
        config.check().map_err(|what| StartError::role("bot", what))?;
        let telegram: TelegramConfig = cx.settings.section("telegram")?;
        telegram.validate().map_err(|error| StartError::role("bot", classify::chain(&error)))?;
        let bots = Bots::load(&telegram, &config.bots_dir)
            .map_err(|error| StartError::role("bot", classify::chain(&error)))?;
        let bots = Arc::new(bots);
        let conversations = Conversations {
            bots: bots.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
            jobs: cx.jobs.clone(),
            history: config.model_history,
        };
        let updates = Arc::new(UpdateReceivedHandler(conversations.clone()));
        let answers = Arc::new(ModelAnsweredHandler(conversations.clone()));
        let send = SendMessage {
            bots: bots.clone(),
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            config,
            outbox: cx.outbox.clone(),
            jobs: cx.jobs.clone(),
        };
        let notice = GiveNotice { bots: bots.clone(), clock: cx.clock.clone() };
        let deadline = ModelDeadline { conversations };
        Ok(Parts::new()
            .consumer(Consumer::ordered("bot-updates", "gateway", &["gateway.update.received"], updates))
            .consumer(Consumer::ordered("bot-answers", "llm", &["llm.model.answered"], answers))
            .queue(Queue::new(Arc::new(send)))
            .queue(Queue::new(Arc::new(notice)))
            .queue(Queue::new(Arc::new(deadline)))
            .task(Task::once("introduction", move |_| introduce(bots.clone()))))
    }
}
