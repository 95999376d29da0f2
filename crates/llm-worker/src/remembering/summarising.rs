//! A summary of what was said, made when the answer has gone out: nobody waits for it.

use std::time::Duration;

use async_trait::async_trait;
use classify::{Classify, Failure};
use ids::Clock;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::answering::{Asker, Noted};
use crate::domain::context::{self, Due, Summary};
use crate::store::{erased, ledger, memory};

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
    pub(crate) clock: Clock,
}

/// What came of one.
pub(crate) struct Made {
    to: ToSummarise,
    noted: Noted,
    took_ms: i64,
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
        let noted = self
            .asker
            .note(context::INSTRUCTION, &to.due.text, started + LONGEST)
            .await
            .map_err(|error| Failure::new(error.class(), error))?;
        let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(Made { to, noted, took_ms })
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Made)]) -> Result<AfterCommit, Failure> {
        for (_, Made { to, noted, took_ms }) in done {
            let version = to.due.version + 1;
            if let Some(text) = context::read(&noted.text) {
                let summary = Summary { text, version, mark: to.due.mark.clone() };
                memory::summarise(tx, &to.conversation_id, &summary).await?;
            }
            let is_erased = erased::is_erased(tx, &to.conversation_id).await?;
            let entry = ledger::Entry {
                request_id: &format!("summary-{}-{version}", to.conversation_id),
                conversation_id: if is_erased { "" } else { &to.conversation_id },
                bot: &to.bot,
                outcome: "answered",
                reason: Some("summary"),
                provider: &noted.provider,
                model: &noted.model,
                prompt: "",
                usage: noted.usage,
                cost_micros: noted.cost_micros,
                attempts: noted.attempts,
                took_ms: *took_ms,
                ended_at: self.clock.now(),
            };
            ledger::insert_in_tx(tx, &entry).await?;
        }
        Ok(AfterCommit::nothing())
    }
}
