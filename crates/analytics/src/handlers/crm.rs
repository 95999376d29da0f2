use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::crm::DeliveryEnded;
use pg::PgConnection;

use super::{at, id};
use crate::store::lead;

/// What became of the leads.
pub(crate) struct CrmFacts;

#[async_trait]
impl BatchHandler for CrmFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<(), Failure> {
        for event in batch.iter().filter(|event| event.name() == DeliveryEnded::NAME) {
            let fact: DeliveryEnded = event.decode()?;
            lead::delivered(tx, &event.id, id(&fact.lead_id)?, at(fact.at_ms), &fact).await?;
        }
        Ok(())
    }
}
