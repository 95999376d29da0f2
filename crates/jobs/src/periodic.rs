use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use events::Trail;
use ids::Ids;
use pg::{AfterCommit, PgError, Pool};
use sqlx::PgConnection;

use crate::{Job, JobError, JobHandler, Queue, QueueSpec, doubling};

/// What is to be done again and again: retention, reconciliation.
#[async_trait]
pub trait Chore: Send + Sync + 'static {
    /// May be cut off and may run again soon after: it must be safe to repeat.
    async fn run(&self) -> Result<(), Failure>;
}

/// A queue of one job that does the chore once in the whole of the service's replicas, and `every` so long
/// after each end writes itself anew. A chore that fails is tried again with growing pauses, for ever and
/// not later than its next turn.
pub fn periodic(name: &'static str, every: Duration, chore: Arc<dyn Chore>) -> Queue {
    Queue::with_seed(Arc::new(Periodic { name, every, chore }))
}

pub(crate) struct Periodic {
    name: &'static str,
    every: Duration,
    chore: Arc<dyn Chore>,
}

impl Periodic {
    /// Writes the first job, due at once, unless there is one. Replicas that start together take turns.
    pub(crate) async fn seed(&self, pool: &Pool, ids: &Ids) -> Result<(), PgError> {
        let trail = Trail::start(ids.trace(), ids.event());
        let mut tx = pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock(hashtext('seed of job ' || $1))")
            .bind(self.name)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into job (queue, key, payload, trace, correlation)
             select $1, $1, '', $2, $3 where not exists (select from job where queue = $1)",
        )
        .bind(self.name)
        .bind(trail.trace.to_string())
        .bind(&trail.correlation.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl JobHandler for Periodic {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 1, max_attempts: u32::MAX, ..QueueSpec::new(self.name) }
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        self.chore.run().await.map_err(|failure| JobError::Retry {
            after: Some(doubling(job.attempt).min(self.every)),
            failure,
        })
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        for (job, ()) in done {
            sqlx::query(
                "insert into job (queue, key, payload, run_at, trace, correlation)
                 values ($1, $1, '', now() + make_interval(secs => $2), $3, $4)",
            )
            .bind(self.name)
            .bind(self.every.as_secs_f64())
            .bind(job.trail.trace.to_string())
            .bind(&job.trail.correlation.0)
            .execute(&mut *tx)
            .await
            .map_err(PgError::from)?;
        }
        Ok(AfterCommit::nothing())
    }
}
