//! The gateway: the HTTP edge. It takes updates from Telegram, by webhook or long polling, and publishes
//! them; it answers the REST API by asking the services that own the data. It consumes what it is asked about a
//! person (from the bot): to erase what it holds, or to say what that is.

mod config;
mod handlers;
mod http;
mod ingest;
mod poll;
mod register;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
use bus::Consumer;
use pg::Migrator;
use rpc::analytics::kpi_client::KpiClient;
use rpc::{Bearer, Channel};
use service_kit::http::ApiToken;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};
use telegram::{BotApi, Mode, TelegramConfig};

pub use config::GatewayConfig;
pub use http::openapi_document;

use crate::handlers::PersonHandler;
use crate::ingest::Ingest;
use crate::poll::Poller;
use crate::register::Registration;

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
            .routes(http::openapi());
        let client = telegram::http_client(&telegram.api_base).map_err(|error| wrong(&error))?;
        for (name, bot) in &telegram.bots {
            Ingest::expect(name.as_str());
            let api =
                BotApi::new(&telegram.api_base, &bot.token, client.clone()).map_err(|error| wrong(&error))?;
            let (bot_name, pool) = (name.to_string(), cx.pool.clone());
            parts = match (telegram.mode(bot), telegram.webhook_url(name)) {
                (Mode::Webhook, Some(url)) => {
                    let registration = Registration {
                        bot: bot_name,
                        api,
                        pool,
                        url: url.to_string(),
                        secret: bot.webhook_secret(),
                        max_connections: bot.max_connections,
                    };
                    parts.task(Task::once("webhook", move |_| registration.clone().run()))
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

/// A client that connects when it is first used.
fn analytics(cx: &RoleContext, config: &GatewayConfig) -> Result<http::Analytics, StartError> {
    let url = if config.analytics_url.is_empty() { cx.own_url.clone() } else { config.analytics_url.clone() };
    let endpoint = Channel::from_shared(url)
        .ok()
        .filter(|one| one.uri().scheme_str() == Some("http") && one.uri().host().is_some())
        .ok_or_else(|| {
            StartError::role("gateway", "[gateway] analytics_url is not an address; write http://host:port")
        })?;
    let channel = endpoint
        .connect_timeout(std::time::Duration::from_secs(2))
        .timeout(std::time::Duration::from_secs(5))
        .connect_lazy();
    Ok(KpiClient::with_interceptor(channel, Bearer::new(&cx.internal_token)))
}
