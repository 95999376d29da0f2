//! Tells which endpoints are disabled. Every replica tells, for any of them may be asked.

use std::sync::Arc;
use std::time::Duration;

use classify::Failure;
use pg::Pool;
use tokio_util::sync::CancellationToken;

use crate::adapters::standard_webhook::Endpoints;
use crate::store::health;

const EVERY: Duration = Duration::from_secs(15);

pub(crate) async fn watch(
    pool: Pool,
    endpoints: Arc<Endpoints>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    loop {
        let known = health::all(&pool).await?;
        for endpoint in endpoints.all() {
            let is_disabled = known.iter().any(|one| one.is_closed(&endpoint.name, &endpoint.url_hash));
            metrics::gauge!("dragoman_crm_endpoint_disabled", "endpoint" => endpoint.name.clone())
                .set(f64::from(u8::from(is_disabled)));
        }
        if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}
