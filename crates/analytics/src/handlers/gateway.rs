use std::collections::BTreeMap;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::gateway::UpdateReceived;
use pg::{AfterCommit, PgConnection};

use crate::store::update_count;

/// Counts updates.
pub(crate) struct GatewayFacts;

const MINUTE_MS: i64 = 60_000;

#[async_trait]
impl BatchHandler for GatewayFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        // In the order of their keys, so that two batches add to the same rows without a deadlock.
        let mut counts: BTreeMap<(String, String, i64), i64> = BTreeMap::new();
        for event in batch.iter().filter(|event| event.name() == UpdateReceived::NAME) {
            let update: UpdateReceived = event.decode()?;
            let minute = update.received_at_ms.div_euclid(MINUTE_MS) * MINUTE_MS;
            *counts.entry((update.bot, update.kind, minute)).or_default() += 1;
        }
        update_count::add(tx, &counts).await?;
        Ok(AfterCommit::nothing())
    }
}
