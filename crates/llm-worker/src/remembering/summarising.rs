//! A summary of what was said, made when the answer has gone out: nobody waits for it.

use std::time::Duration;

use async_trait::async_trait;
use classify::{Classify, Failure};
use ids::Clock;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::answering::Asker;
use crate::domain::context::{self, Due, Summary};
use crate::money::{Money, Spent, Verdict, Who, estimate};
use crate::store::{ledger, memory};

/// The queue of [`ToSummarise`].
pub(crate) const SUMMARY: &str = "llm.summary";
const LONGEST: Duration = Duration::from_secs(60);

/// A conversation of which a summary is to be made. What stands in it is masked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ToSummarise {
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    pub(crate) due: Due,
}

/// Makes them.
pub(crate) struct Summarise {
    pub(crate) asker: Asker,
    pub(crate) money: Money,
    pub(crate) clock: Clock,
}

/// What came of one.
pub(crate) struct Made {
    to: ToSummarise,
    /// Empty: nothing whole; there was no money for it; or it was made before.
    text: String,
}

#[async_trait]
impl JobHandler for Summarise {
    type Done = Made;

    fn queue(&self) -> QueueSpec {
        // What fails twice is left: the next question has more to summarise and tries again.
        QueueSpec { concurrency: 4, max_attempts: 2, ..QueueSpec::new(SUMMARY) }
    }

    async fn run(&self, job: &Job) -> Result<Made, JobError> {
        let to: ToSummarise = job.json()?;
        let started = Instant::now();
        let who = Who { bot: to.bot.clone(), conversation_id: to.conversation_id.clone(), ..Who::default() };
        let model = &self.asker.catalog.first().info;
        let most = estimate::worst_case(&model.prices, to.due.text.len(), self.asker.max_tokens());
        let request_id = format!("summary-{}-{}", to.conversation_id, to.due.version + 1);
        let verdict = self.money.reserve(&request_id, &who, model.id.name(), most).await?;
        let Verdict::Reserved(reservation) = verdict else { return Ok(Made { to, text: String::new() }) };
        let noted = self
            .asker
            .note(context::INSTRUCTION, &to.due.text, started + LONGEST)
            .await
            .map_err(|error| Failure::new(error.class(), error))?;
        let spent = Spent { micros: noted.cost_micros, was_asked: true, is_reported: noted.usage.reported };
        let entry = ledger::Entry {
            request_id,
            conversation_id: to.conversation_id.clone(),
            bot: to.bot.clone(),
            outcome: "answered",
            reason: Some("summary".to_owned()),
            provider: noted.provider,
            model: noted.model,
            usage: noted.usage,
            cost_micros: noted.cost_micros,
            attempts: noted.attempts,
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            ended_at: self.clock.now(),
            ..ledger::Entry::default()
        };
        self.money.settle(reservation, spent, entry).await?;
        Ok(Made { to, text: noted.text })
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Made)]) -> Result<AfterCommit, Failure> {
        for (_, Made { to, text }) in done {
            if let Some(text) = context::read(text) {
                let summary = Summary { text, version: to.due.version + 1, mark: to.due.mark.clone() };
                memory::summarise(tx, &to.conversation_id, &summary).await?;
            }
        }
        Ok(AfterCommit::nothing())
    }
}
