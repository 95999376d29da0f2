//! Analytics: it owns the facts and the reports. It consumes every event of every service and answers the
//! gateway's questions by gRPC. It publishes what it holds of a person, or has erased, when the bot asks.

mod config;
mod grpc;
mod handlers;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
use bus::Consumer;
use pg::Migrator;
use rpc::analytics::kpi_server::KpiServer;
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError};
use tonic::service::Routes;

pub use config::AnalyticsConfig;

use crate::grpc::Report;
use crate::handlers::{BotFacts, CrmFacts, GatewayFacts, LlmFacts, PersonWork};

/// Events under way at once, per stream. Facts are written in batches of at most this many.
const BATCH: u16 = 1024;

/// What is asked about a person.
const PERSONS: &[&str] = &["bot.erasure.requested", "bot.export.requested"];

/// The role.
#[derive(Debug)]
pub struct Analytics;

#[async_trait]
impl Role for Analytics {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn schema(&self) -> &'static str {
        "analytics"
    }

    fn migrator(&self) -> &'static Migrator {
        &store::MIGRATIONS
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("analytics")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<AnalyticsConfig>("analytics")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let persons = PersonWork {
            pool: cx.pool.clone(),
            clock: cx.clock.clone(),
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
        };
        Ok(Parts::new()
            .consumer(Consumer::work("analytics-persons", "bot", PERSONS, 1, Arc::new(persons)))
            .consumer(Consumer::unordered("analytics-gateway", "gateway", &[], BATCH, Arc::new(GatewayFacts)))
            .consumer(Consumer::unordered("analytics-bot", "bot", &[], BATCH, Arc::new(BotFacts)))
            .consumer(Consumer::unordered("analytics-llm", "llm", &[], BATCH, Arc::new(LlmFacts)))
            .consumer(Consumer::unordered("analytics-crm", "crm", &[], BATCH, Arc::new(CrmFacts)))
            .grpc(Routes::new(KpiServer::new(Report { pool: cx.pool.clone() }))))
    }
}
