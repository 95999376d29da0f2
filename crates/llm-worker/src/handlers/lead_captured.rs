use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::bot::LeadCaptured;
use pg::{AfterCommit, PgConnection};

use crate::store::lead;

/// The ledger learns which lead a conversation has left: what it has cost so far, and what it will.
pub(crate) struct LeadCapturedHandler;

#[async_trait]
impl BatchHandler for LeadCapturedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        for event in batch {
            let lead: LeadCaptured = event.decode()?;
            lead::learn_in_tx(tx, &lead.conversation_id, &lead.lead_id).await?;
        }
        Ok(AfterCommit::nothing())
    }
}
