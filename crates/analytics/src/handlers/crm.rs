use std::collections::BTreeMap;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Delivered};
use classify::Failure;
use events::Event;
use events::message::crm::DeliveryEnded;
use pg::{AfterCommit, PgConnection};

use super::{at, id};
use crate::store::lead::{self, Delivery};

/// What became of the leads.
pub(crate) struct CrmFacts;

#[async_trait]
impl BatchHandler for CrmFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivered]) -> Result<AfterCommit, Failure> {
        // The last word on each lead and endpoint; in the order of their keys, so that two batches that write
        // the same rows do not lock each other out.
        let mut last: BTreeMap<_, (i64, Delivery)> = BTreeMap::new();
        for event in batch.iter().filter(|event| event.name() == DeliveryEnded::NAME) {
            let DeliveryEnded { lead_id, endpoint, outcome, attempts, at_ms, .. } = event.decode()?;
            let lead_id = id(&lead_id)?;
            let key = (lead_id, endpoint.clone());
            if last.get(&key).is_none_or(|(known, _)| *known <= at_ms) {
                let at = at(at_ms)?;
                last.insert(key, (at_ms, Delivery { lead_id, endpoint, outcome, attempts, at }));
            }
        }
        let deliveries: Vec<Delivery> = last.into_values().map(|(_, delivery)| delivery).collect();
        lead::delivered(tx, &deliveries).await?;
        Ok(AfterCommit::nothing())
    }
}
