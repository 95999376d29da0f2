//! The gateway: the HTTP edge. It takes updates from Telegram, by webhook or long polling, and publishes
//! them; it answers the REST API by asking the services that own the data, and shows the admin pages in the same way, whose
//! sessions it keeps. It consumes what it is asked about a
//! person (from the bot): to erase what it holds, or to say what that is.

mod config;
mod handlers;
mod http;
mod ingest;
mod keys;
mod models;
mod poll;
mod store;
mod webhook;

use std::time::Duration;

use std::sync::Arc;

use async_trait::async_trait;
use bus::Consumer;
use pg::Migrator;
use rpc::Bearer;
use rpc::analytics::kpi_client::KpiClient;
use rpc::llm::costs_client::CostsClient;
use service_kit::http::ApiToken;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use telegram::{BotApi, Mode, TelegramConfig};
use tokio::sync::Semaphore;

pub use config::GatewayConfig;
pub use http::openapi_document;
pub use keys::{KeyCard, KeyDesk, KeyError, NewKey, Period};
pub use webhook::{Webhook, Wrong};

use crate::handlers::PersonHandler;
use crate::ingest::Ingest;
use crate::keys::Keys;
use crate::models::{CALLS_OF_A_CONNECTION, Models};
use crate::poll::Poller;
use crate::webhook::Watch;

/// What is asked about a person.
const PERSONS: &[&str] = &["bot.erasure.requested", "bot.export.requested"];

/// The role.
#[derive(Debug)]
pub struct Gateway;

#[async_trait]
impl Role for Gateway {
    fn name(&self) -> &'static str {
        "gateway"
    }

    fn schema(&self) -> &'static str {
        "gateway"
    }

    fn migrator(&self) -> &'static Migrator {
        &store::MIGRATIONS
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("gateway")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<GatewayConfig>("gateway"), SectionDoc::of::<TelegramConfig>("telegram")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: GatewayConfig = cx.config()?;
        let telegram: TelegramConfig = cx.settings.section("telegram")?;
        let wrong =
            |error: &(dyn std::error::Error + 'static)| StartError::role("gateway", classify::chain(error));
        config.check().map_err(|what| StartError::role("gateway", what))?;
        telegram.validate().map_err(|error| wrong(&error))?;
        let ingest = Ingest { bus: cx.bus.clone(), clock: cx.clock.clone(), ids: cx.ids.clone() };
        let persons =
            PersonHandler { clock: cx.clock.clone(), ids: cx.ids.clone(), outbox: cx.outbox.clone() };
        let mut parts = Parts::new()
            .consumer(Consumer::unordered("gateway-persons", "bot", PERSONS, 16, Arc::new(persons)))
            .routes(http::telegram(ingest.clone(), &telegram))
            .routes(http::kpi(
                analytics(cx, &config)?,
                cx.clock.clone(),
                ApiToken::any_of([&config.admin_token]),
            ))
            .routes(http::costs(ledger(cx, &config)?, ApiToken::any_of([&config.admin_token])))
            .routes(http::admin::routes(admin(cx, &config)?))
            .routes(http::openapi());
        parts = for_programs(parts, cx, &config)?;
        let client = telegram::http_client(&telegram.api_base).map_err(|error| wrong(&error))?;
        for (name, bot) in &telegram.bots {
            Ingest::expect(name.as_str());
            let api =
                BotApi::new(&telegram.api_base, &bot.token, client.clone()).map_err(|error| wrong(&error))?;
            let (bot_name, pool) = (name.to_string(), cx.pool.clone());
            parts = match (telegram.mode(bot), Webhook::of(&telegram, name, bot)) {
                (Mode::Webhook, Some(webhook)) => {
                    let every = Duration::from_secs(config.webhook_check_seconds.into());
                    let (clock, ids) = (cx.clock.clone(), cx.ids.clone());
                    let watch = Watch { bot: bot_name, webhook, api, pool, clock, ids, every };
                    parts.task(Task::new("webhook", move |stop| watch.clone().run(stop)))
                }
                // Mode webhook without a public address: somebody else registers, we only listen.
                (Mode::Webhook, None) => parts,
                (Mode::Poll, _) => {
                    let (ingest, ids) = (ingest.clone(), cx.ids.clone());
                    let poller = Poller { bot: bot_name, api, ingest, pool, ids };
                    parts.task(Task::new("poll", move |stop| poller.clone().run(stop)))
                }
            };
        }
        Ok(parts)
    }
}

/// What the organisation's own programs ask for with an API key.
fn for_programs(parts: Parts, cx: &RoleContext, config: &GatewayConfig) -> Result<Parts, StartError> {
    let url = if config.llm_url.is_empty() { &cx.own_url } else { &config.llm_url };
    let room = usize::from(config.completions);
    let connections = u16::try_from(room.div_ceil(CALLS_OF_A_CONNECTION)).unwrap_or(u16::MAX);
    let models = Models::new(url, connections, &cx.internal_token).ok_or_else(|| {
        StartError::role("gateway", "[gateway] llm_url is not an address; write http://host:port")
    })?;
    let keys = Keys::new(cx.pool.clone(), cx.clock.clone());
    let note = keys.clone();
    let (clock, ids, room) = (cx.clock.clone(), cx.ids.clone(), Arc::new(Semaphore::new(room)));
    let counter = Arc::new(http::Counter { keys, models, clock, ids, room });
    Ok(parts
        .routes(http::completions(counter.clone()))
        .routes(http::models(counter))
        .task(Task::new("keys", move |stop| note.clone().note_uses(stop))))
}

/// A client that connects when it is first used.
fn analytics(cx: &RoleContext, config: &GatewayConfig) -> Result<http::Analytics, StartError> {
    let url = if config.analytics_url.is_empty() { cx.own_url.clone() } else { config.analytics_url.clone() };
    let channel = rpc::channel(&url).ok_or_else(|| {
        StartError::role("gateway", "[gateway] analytics_url is not an address; write http://host:port")
    })?;
    Ok(KpiClient::with_interceptor(channel, Bearer::new(&cx.internal_token)))
}

/// The admin pages.
fn admin(cx: &RoleContext, config: &GatewayConfig) -> Result<http::admin::Admin, StartError> {
    let url = if config.crm_url.is_empty() { &cx.own_url } else { &config.crm_url };
    let mappings = http::admin::Mappings::new(url, &cx.internal_token).ok_or_else(|| {
        StartError::role("gateway", "[gateway] crm_url is not an address; write http://host:port")
    })?;
    let (pool, clock, ids) = (cx.pool.clone(), cx.clock.clone(), cx.ids.clone());
    Ok(http::admin::Admin::new(&config.admin_token, mappings, pool, clock, ids))
}

/// The client of the model worker that is asked for costs.
fn ledger(cx: &RoleContext, config: &GatewayConfig) -> Result<http::Ledger, StartError> {
    let url = if config.llm_url.is_empty() { &cx.own_url } else { &config.llm_url };
    let channel = rpc::channel(url).ok_or_else(|| {
        StartError::role("gateway", "[gateway] llm_url is not an address; write http://host:port")
    })?;
    Ok(CostsClient::with_interceptor(channel, Bearer::new(&cx.internal_token)))
}
