use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::llm::ModelAnswered;
use pg::PgConnection;

use super::{at, id};
use crate::store::model;

/// What models answered and cost.
pub(crate) struct LlmFacts;

#[async_trait]
impl BatchHandler for LlmFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<(), Failure> {
        for event in batch.iter().filter(|event| event.name() == ModelAnswered::NAME) {
            let fact: ModelAnswered = event.decode()?;
            model::answered(tx, id(&fact.request_id)?, id(&fact.conversation_id)?, at(fact.at_ms), &fact).await?;
        }
        Ok(())
    }
}
