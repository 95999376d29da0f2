//! Analytics: it owns the facts and the reports. It consumes every event of every service and answers the
//! gateway's questions by gRPC. It publishes nothing yet.

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
use crate::handlers::{BotFacts, CrmFacts, GatewayFacts, LlmFacts};

/// Events under way at once, per stream. Facts are written in batches of at most this many.
const BATCH: u16 = 1024;

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
        None
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<AnalyticsConfig>("analytics")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        Ok(Parts::new()
            .consumer(Consumer::unordered("analytics-gateway", "gateway", &[], BATCH, Arc::new(GatewayFacts)))
            .consumer(Consumer::unordered("analytics-bot", "bot", &[], BATCH, Arc::new(BotFacts)))
            .consumer(Consumer::unordered("analytics-llm", "llm", &[], BATCH, Arc::new(LlmFacts)))
            .consumer(Consumer::unordered("analytics-crm", "crm", &[], BATCH, Arc::new(CrmFacts)))
            .grpc(Routes::new(KpiServer::new(Report { pool: cx.pool.clone() }))))
    }
}
