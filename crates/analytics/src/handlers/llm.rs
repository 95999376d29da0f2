use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::llm::ModelAnswered;
use events::message::llm::model_answered::Outcome;
use pg::{AfterCommit, PgConnection};

use super::{at, id};
use crate::store::model::{self, Answered};

/// What models answered and cost.
pub(crate) struct LlmFacts;

#[async_trait]
impl BatchHandler for LlmFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut answers = Vec::with_capacity(batch.len());
        for event in batch.iter().filter(|event| event.name() == ModelAnswered::NAME) {
            let fact: ModelAnswered = event.decode()?;
            let outcome = match fact.outcome() {
                Outcome::Answered => "answered",
                Outcome::Unknown => "unknown",
                Outcome::Superseded => "superseded",
                Outcome::Failed | Outcome::Unspecified => "failed",
            };
            answers.push(Answered {
                request_id: id(&fact.request_id)?,
                conversation_id: id(&fact.conversation_id)?,
                bot: fact.bot,
                outcome,
                provider: fact.provider,
                model: fact.model,
                prompt_tokens: fact.prompt_tokens,
                completion_tokens: fact.completion_tokens,
                cost_micros: fact.cost_micros,
                took_ms: fact.took_ms,
                at: at(fact.at_ms)?,
            });
        }
        model::answered(tx, &answers).await?;
        Ok(AfterCommit::nothing())
    }
}
