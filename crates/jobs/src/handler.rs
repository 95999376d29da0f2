use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use pg::AfterCommit;
use sqlx::PgConnection;

use crate::{Job, Limit};

/// How a queue is worked off. A literal of a handler's; what is not said is [`QueueSpec::new`]'s.
#[derive(Clone, Copy, Debug)]
pub struct QueueSpec {
    /// Lower case, dots allowed; also the `queue` of its metrics: `bot.send`.
    pub name: &'static str,
    /// Jobs of this process in flight at most. At least the wanted rate × the round trip of a call.
    pub concurrency: usize,
    /// How long a job stays with a process that no longer says that it lives. Renewed every third of it.
    pub lease: Duration,
    /// After so many attempts the job goes to the dead letters.
    pub max_attempts: u32,
    /// From the number of the attempt that failed (1 for the first) to the pause before the next. A jitter
    /// of ± 10 % is added.
    pub backoff: fn(u32) -> Duration,
    /// Whether [`JobHandler::limits`] is to be asked. A queue without limits claims in one round trip.
    pub limited: bool,
}

impl QueueSpec {
    /// 64 jobs in flight, lease of 15 s, 8 attempts, pauses doubling from 1 s to 5 min, no limits.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            concurrency: 64,
            lease: Duration::from_secs(15),
            max_attempts: 8,
            backoff: doubling,
            limited: false,
        }
    }
}

/// 1 s, 2 s, 4 s … 5 min.
#[must_use]
pub fn doubling(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.saturating_sub(1).min(9)).min(Duration::from_secs(300))
}

/// How an attempt ended when it did not end well.
#[derive(Debug)]
pub enum JobError {
    /// Try again: after `after` when the other side named a time, else after the queue's pause. Spends the
    /// attempt; the last one ends in the dead letters.
    Retry { after: Option<Duration>, failure: Failure },
    /// The same, where nobody knows whether the call had an effect; [`Job::interrupted`] counts these.
    Unknown { after: Option<Duration>, failure: Failure },
    /// It will never work: to the dead letters.
    Fail(Failure),
    /// Not now, but after this long. Spends no attempt.
    Snooze { after: Duration },
}

impl From<Failure> for JobError {
    /// Retries what may work later, fails what will not.
    fn from(failure: Failure) -> Self {
        if failure.class().is_retryable() {
            Self::Retry { after: None, failure }
        } else {
            Self::Fail(failure)
        }
    }
}

/// What a queue's jobs do.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// What the call to the outside world brought home.
    type Done: Send + Sync + 'static;

    fn queue(&self) -> QueueSpec;

    /// What the job's call counts against; asked only when [`QueueSpec::limited`]. The job starts when every
    /// limit admits it.
    fn limits(&self, _job: &Job) -> Vec<Limit> {
        Vec::new()
    }

    /// Calls the outside world. Many run at once; no transaction is open. When it takes longer than the
    /// lease the lease is renewed; when the lease is lost all the same, this future is dropped.
    async fn run(&self, job: &Job) -> Result<Self::Done, JobError>;

    /// Writes the results of jobs that ended well (state, outbox, further jobs), in the transaction that
    /// deletes them. May be called again with the same jobs after it failed: a failure worth a retry is
    /// tried with the same batch, any other with each job on its own, and the job that fails alone goes to
    /// the dead letters.
    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Self::Done)])
    -> Result<AfterCommit, Failure>;

    /// Writes what follows from a job's going to the dead letters, in the same transaction.
    async fn give_up(
        &self,
        _tx: &mut PgConnection,
        _job: &Job,
        _failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}
