//! A summary of what was said, made when the answer has gone out: nobody waits for it.

use std::time::Duration;

use async_trait::async_trait;
use classify::{Classify, Failure};
use ids::Clock;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::answering::Asker;
use crate::domain::context::{self, Due, Summary};
use crate::money::{Money, Spent, Verdict, Who, estimate};
use crate::providers::{Model, Problem, ProviderError};
use crate::store::{ledger, memory};

/// The queue of [`ToSummarise`].
pub(crate) const SUMMARY: &str = "llm.summary";
const LONGEST: Duration = Duration::from_secs(60);
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
        let started = Instant::now();
        let who = Who { bot: to.bot.clone(), conversation_id: to.conversation_id.clone(), ..Who::default() };
        let model = self.asker.catalog.first();
        let bytes = context::INSTRUCTION.len() + to.due.text.len();
        let tokens = estimate::most_tokens(context::INSTRUCTION) + estimate::most_tokens(&to.due.text);
        let (calls, answer) = (model.provider.most_calls(), self.asker.max_tokens());
        let most = estimate::worst_case(&model.info.prices, tokens, answer, calls);
        let request_id = format!("summary-{job}");
        let verdict = self.money.reserve(&request_id, &who, model.info.id.name(), most).await?;
        let Verdict::Reserved(mut reservation) = verdict else { return Ok(String::new()) };
        // Should this worker be stopped here, the prompt has been read at least.
        reservation.spends(estimated(model, bytes, 1));
        let noted = match self.asker.note(context::INSTRUCTION, &to.due.text, started + LONGEST).await {
            Ok(noted) => noted,
            Err(error) => {
                // Dropped, it is settled with this.
                reservation.spends(lost(model, bytes, &error));
                return Err(Failure::new(error.class(), error));
            }
        };
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
        Ok(noted.text)
    }
}

/// What so many calls cost whose answers were not heard.
fn estimated(model: &Model, bytes: usize, calls: u32) -> Spent {
    let one = model.info.prices.cost_micros(estimate::usage(bytes, 0));
    Spent { micros: one.saturating_mul(calls.into()), was_asked: true, is_reported: false }
}

/// What a call has cost that failed: what was told of it, or else an estimate, as for an answer.
fn lost(model: &Model, bytes: usize, error: &ProviderError) -> Spent {
    if error.lost.reported {
        let micros = model.info.prices.cost_micros(error.lost);
        return Spent { micros, was_asked: true, is_reported: true };
    }
    let calls = match error.problem {
        Problem::TimedOut => error.attempts.max(1),
        Problem::Malformed(_) => 1,
        _ => 0,
    };
    Spent { was_asked: error.attempts > 0, ..estimated(model, bytes, calls) }
}
