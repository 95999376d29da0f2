use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::bot::LeadCaptured;
use pg::{AfterCommit, PgConnection};

use crate::store::{erased, lead};

/// The ledger learns which lead a conversation has left: what it has cost so far, and what it will.
pub(crate) struct LeadCapturedHandler;

#[async_trait]
impl BatchHandler for LeadCapturedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let leads = batch.iter().map(Delivery::decode).collect::<Result<Vec<LeadCaptured>, _>>()?;
        // An answer or an erasure of the same conversation that is being committed is seen, or sees this.
        let conversations: Vec<&str> = leads.iter().map(|lead| lead.conversation_id.as_str()).collect();
        erased::take_turns(tx, &conversations).await?;
        for lead in &leads {
            lead::learn_in_tx(tx, &lead.conversation_id, &lead.lead_id).await?;
        }
        Ok(AfterCommit::nothing())
    }
}
