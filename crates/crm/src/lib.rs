//! The CRM service. It owns deliveries and their attempts. It consumes captured leads (from the bot) and what happens to
//! them later, and briefs for people who take conversations over (from the llm-worker), posts each to the endpoints that
//! want it, makes deals of leads in the accounts of CRMs, and publishes how that ended for leads. What an account tells of a
//! deal it reads there, and publishes where it has moved to. It erases what it holds of a person, or says what that is, when
//! the bot asks. It keeps the mappings that are published from the admin pages, which ask for them by gRPC.

mod accounts;
mod adapters;
mod alerts;
mod back;
mod config;
mod delivering;
mod desk;
mod domain;
mod endpoint_desk;
mod endpoint_watch;
mod expiry;
mod grpc;
mod handlers;
mod http;
mod jobs;
mod mappings;
mod names;
mod reconciling;
mod store;

use std::sync::Arc;
use std::time::Duration;

use ::jobs::Queue;
use async_trait::async_trait;
use bus::Consumer;
use outbound::AddressGuard;
use pg::Migrator;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError, Task};

pub use config::{
    AccountConfig, AccountKind, AlertConfig, AlertEvent, AlertKind, AlertLanguage, CrmConfig, EndpointConfig,
    FindBy, MappingConfig, OauthConfig, OpenDeal, ReconcileConfig, Temperature, WatchConfig, WithoutEndpoint,
};

pub use back::{Registration, how_to_register};
pub use desk::{Checked, Desk, Rehearsal};
pub use endpoint_desk::{EndpointDesk, EndpointState, ListedEndpoint};
pub use store::comparison::{Comparison, Difference};

use crate::accounts::Accounts;
use crate::adapters::standard_webhook::{self, Endpoints, Sender};
use crate::alerts::{Alerts, Tell, Watch};
use crate::back::Doors;
use crate::handlers::{HandoffPreparedHandler, LATER, LaterHandler, LeadCapturedHandler, PersonHandler};
use crate::jobs::{Beginnings, DealDeliverer, DealReader, Deliver, Ends};
use crate::names::Names;
use crate::reconciling::Nightly;

/// What is asked about a person.
const PERSONS: &[&str] = &["bot.erasure.requested", "bot.export.requested"];

/// The role.
#[derive(Debug)]
pub struct Crm;

#[async_trait]
impl Role for Crm {
    fn name(&self) -> &'static str {
        "crm"
    }

    fn schema(&self) -> &'static str {
        "crm"
    }

    fn migrator(&self) -> &'static Migrator {
        &store::MIGRATIONS
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("crm")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<CrmConfig>("crm")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: CrmConfig = cx.config()?;
        let guard = AddressGuard::new(&config.allow_private_addresses);
        let endpoints = Endpoints::new(&config.endpoints, &guard)
            .map_err(|error| StartError::role("crm", classify::chain(&error)))?;
        let endpoints = Arc::new(endpoints);
        let without_endpoint = config.without_endpoint;
        match without_endpoint {
            _ if !config.endpoints.is_empty() || !config.accounts.is_empty() => {}
            WithoutEndpoint::DeadLetter => tracing::warn!(
                "[[crm.endpoints]] has no endpoint: leads become dead letters, to be replayed once there is one"
            ),
            WithoutEndpoint::Ignore => tracing::info!("[[crm.endpoints]] has no endpoint: leads go nowhere"),
        }
        if !(1..=60).contains(&config.timeout_seconds) {
            return Err(StartError::role("crm", "[crm] timeout_seconds must be 1 to 60"));
        }
        let refused = |error: String| StartError::role("crm", error);
        let client = standard_webhook::client(&guard, Duration::from_secs(config.timeout_seconds))
            .map_err(|error| refused(classify::chain(&error)))?;
        let accounts = Accounts::new(&config, &guard, &client, &cx.pool, &cx.clock)
            .map_err(|error| refused(classify::chain(&error)))?;
        let accounts = Arc::new(accounts);
        let alerts = Alerts::new(&config.alerts, &guard, &client, &cx.pool)
            .map_err(|error| refused(classify::chain(&error)))?;
        let alerts = Arc::new(alerts);
        let watch = Watch {
            alerts: alerts.clone(),
            accounts: accounts.clone(),
            clock: cx.clock.clone(),
            names: config.names(),
            config: config.watch().map_err(refused)?,
            pool: cx.pool.clone(),
            jobs: cx.jobs.clone(),
            ids: cx.ids.clone(),
        };
        let nightly = Nightly {
            accounts: accounts.clone(),
            config: config.reconcile().map_err(refused)?,
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
        };
        let tell = Tell { alerts, pool: cx.pool.clone() };
        let mappings = grpc::routes(accounts.clone(), cx.pool.clone());
        let leads = Arc::new(LeadCapturedHandler {
            endpoints: endpoints.clone(),
            accounts: accounts.clone(),
            jobs: cx.jobs.clone(),
            without_endpoint,
        });
        let handoffs = Arc::new(HandoffPreparedHandler {
            endpoints: endpoints.clone(),
            accounts: accounts.clone(),
            jobs: cx.jobs.clone(),
        });
        let later = Arc::new(LaterHandler {
            endpoints: endpoints.clone(),
            accounts: accounts.clone(),
            clock: cx.clock.clone(),
            jobs: cx.jobs.clone(),
        });
        let ends = Ends { clock: cx.clock.clone(), ids: cx.ids.clone(), outbox: cx.outbox.clone() };
        let pool = cx.pool.clone();
        let doors = Doors::new(&config).map_err(refused)?;
        let names = Names::new(&accounts);
        let deals = Arc::new(DealDeliverer {
            accounts,
            pool: pool.clone(),
            jobs: cx.jobs.clone(),
            ends: ends.clone(),
        });
        let reader = DealReader { deals: deals.clone(), names, jobs: cx.jobs.clone() };
        let (jobs, clock, ids) = (cx.jobs.clone(), cx.clock.clone(), cx.ids.clone());
        let hooks = http::Desk { doors, pool: pool.clone(), jobs, clock, ids };
        let watched = (pool.clone(), endpoints.clone());
        let endpoint_watch = Task::new("endpoint watch", move |stop| {
            endpoint_watch::watch(watched.0.clone(), watched.1.clone(), stop)
        });
        let beginnings = Beginnings::new(pool.clone());
        let deliver = Deliver { endpoints, sender: Sender::new(client), pool, beginnings, ends };
        let persons =
            PersonHandler { clock: cx.clock.clone(), ids: cx.ids.clone(), outbox: cx.outbox.clone() };
        Ok(Parts::new()
            .grpc(mappings)
            .consumer(Consumer::ordered("crm-leads", "bot", &["bot.lead.captured"], leads))
            .consumer(Consumer::ordered("crm-handoffs", "llm", &["llm.handoff.prepared"], handoffs))
            .consumer(Consumer::ordered("crm-later", "bot", LATER, later))
            .consumer(Consumer::unordered("crm-persons", "bot", PERSONS, 16, Arc::new(persons)))
            .queue(Queue::new(Arc::new(deliver)))
            .task(endpoint_watch)
            .queue(Queue::new(deals))
            .queue(Queue::new(Arc::new(reader)))
            .queue(Queue::new(Arc::new(tell)))
            .queue(watch.queue())
            .queue(nightly.queue())
            .routes(http::routes(hooks)))
    }
}
