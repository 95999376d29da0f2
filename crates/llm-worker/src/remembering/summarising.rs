//! A summary of what was said, made when the answer has gone out: nobody waits for it.

use async_trait::async_trait;
use classify::Failure;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use serde::{Deserialize, Serialize};

use super::noting::{Notes, Wanted};
use crate::domain::context::{self, Due, Summary};
use crate::store::memory;

/// The queue of [`ToSummarise`].
pub(crate) const SUMMARY: &str = "llm.summary";
/// What fails twice is left: the next question has more to summarise and tries again.
const MOST_ATTEMPTS: u32 = 2;

/// A conversation of which a summary is to be made. What stands in it is masked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ToSummarise {
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    pub(crate) due: Due,
}

/// Makes them.
pub(crate) struct Summarise {
    pub(crate) pool: Pool,
    pub(crate) notes: Notes,
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
        QueueSpec { concurrency: 4, max_attempts: MOST_ATTEMPTS, ..QueueSpec::new(SUMMARY) }
    }

    async fn run(&self, job: &Job) -> Result<Made, JobError> {
        let to: ToSummarise = job.json()?;
        match self.summary(job.id, &to).await {
            Ok(text) => Ok(Made { to, text }),
            Err(failure) if failure.class().is_retryable() && job.attempt < MOST_ATTEMPTS => {
                Err(failure.into())
            }
            Err(failure) => {
                // No dead letter: nobody's words are kept for it.
                tracing::warn!(error = %failure, attempts = job.attempt, "a summary could not be made");
                Ok(Made { to, text: String::new() })
            }
        }
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

impl Summarise {
    /// The text, as the model wrote it; empty where none is wanted, there is no money for it, or it was made before.
    /// What it costs is the job's: the next job of the same conversation has a row of its own.
    async fn summary(&self, job: i64, to: &ToSummarise) -> Result<String, Failure> {
        if !memory::awaits(&self.pool, &to.conversation_id, to.due.version).await? {
            return Ok(String::new());
        }
        let wanted = Wanted {
            request_id: format!("summary-{job}"),
            conversation_id: &to.conversation_id,
            bot: &to.bot,
            kind: "summary",
            prompt: "",
            instruction: context::INSTRUCTION,
            text: &to.due.text,
        };
        self.notes.write(wanted).await
    }
}
