use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::llm::model_answered::Outcome;
use events::message::llm::{AnomalySeen, BudgetReached, ModelAnswered};
use pg::{AfterCommit, PgConnection};

use super::{at, id};
use crate::store::model::{self, Answered};
use crate::store::watch::{self, Anomaly, Reached};

/// What models answered and cost, and what of it somebody may want to look at.
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
        watch::reached(tx, &budgets(batch)?).await?;
        watch::seen(tx, &anomalies(batch)?).await?;
        Ok(AfterCommit::nothing())
    }
}

fn budgets(batch: &[Delivery]) -> Result<Vec<Reached>, Failure> {
    let of_budgets = batch.iter().filter(|event| event.name() == BudgetReached::NAME);
    let reached = of_budgets.map(|event| {
        let fact: BudgetReached = event.decode()?;
        // Of a person nothing is kept, not even the pseudonym.
        let scope_id = if fact.scope == "person" { String::new() } else { fact.id };
        Ok(Reached {
            event_id: event.id.clone(),
            scope: fact.scope,
            scope_id,
            period: fact.period,
            percent: fact.percent,
            calls: fact.calls,
            spent_micros: fact.spent_micros,
            at: at(fact.at_ms)?,
        })
    });
    reached.collect()
}

fn anomalies(batch: &[Delivery]) -> Result<Vec<Anomaly>, Failure> {
    let seen = batch.iter().filter(|event| event.name() == AnomalySeen::NAME).map(|event| {
        let fact: AnomalySeen = event.decode()?;
        Ok(Anomaly {
            event_id: event.id.clone(),
            request_id: fact.request_id,
            bot: fact.bot,
            kind: fact.kind,
            value: fact.value,
            provider: fact.provider,
            model: fact.model,
            prompt: fact.prompt,
            at: at(fact.at_ms)?,
        })
    });
    seen.collect()
}
