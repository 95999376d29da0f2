//! The jobs that tell: one message to one receiver, in the order in which they were decided.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use events::Trail;
use jobs::{Job, JobError, JobHandler, NewJob, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool, in_time};

use super::receiver::Receiver;
use super::{Alerts, NotTold};
use crate::store::trouble::News;

const TELL: &str = "crm.alert";
/// After eight hours whoever is on duty has seen it elsewhere, and the dead letter waits for them.
const PAUSES: [u64; 8] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400];
/// Up to this attempt a receiver that is not configured here is looked for elsewhere, once a minute.
const ROLL_OUT: u32 = 5;

/// One message to one receiver. Keyed by the receiver: what is over is told after what it is about.
pub(crate) struct TellJob;

impl TellJob {
    pub(crate) fn of(news: &News, trail: Trail) -> Result<NewJob, Failure> {
        NewJob::json(TELL, news.alert.clone(), news, trail)
    }
}

/// Tells.
pub(crate) struct Tell {
    pub(crate) alerts: Arc<Alerts>,
    pub(crate) pool: Pool,
}

#[async_trait]
impl JobHandler for Tell {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 4,
            max_attempts: 9,
            backoff: |attempt| {
                let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
                Duration::from_secs(PAUSES[nth.min(PAUSES.len() - 1)])
            },
            ..QueueSpec::new(TELL)
        }
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let news: News = job.json()?;
        let Some(receiver) = self.alerts.get(&news.alert) else { return Err(unknown(job, &news.alert)) };
        // What may have been told is told once more all the same, and says so: an alert that is lost is worse.
        let told = receiver.tell(&news, job.interrupted > 0).await;
        let failure = |class, why: &str| Failure::new(class, format!("the alert {} {why}", news.alert));
        match told {
            Ok(()) => {
                count(&news.alert, "told");
                Ok(())
            }
            Err(NotTold::NoTurn(after)) => Err(JobError::Snooze { after }),
            Err(NotTold::Later(after)) => {
                self.pause(receiver, after).await;
                Err(JobError::Snooze { after })
            }
            Err(NotTold::Failed(why)) => {
                count(&news.alert, "attempt_failed");
                Err(JobError::Retry { after: None, failure: failure(Class::Transient, &why) })
            }
            Err(NotTold::Unknown(why)) => {
                count(&news.alert, "attempt_failed");
                Err(JobError::Unknown { after: None, failure: failure(Class::Transient, &why) })
            }
            Err(NotTold::Never(why)) => Err(JobError::Fail(failure(Class::Invalid, &why))),
        }
    }

    async fn commit(&self, _: &mut PgConnection, _: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }

    async fn give_up(
        &self,
        _: &mut PgConnection,
        job: &Job,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        // The receivers hear of it in no other way: it is they who can not be reached.
        tracing::error!(alert = job.key, why = %failure, "an alert reached nobody; see dragoman dead-letters list --service crm");
        count(&job.key, "failed");
        Ok(AfterCommit::nothing())
    }
}

impl Tell {
    async fn pause(&self, receiver: &Receiver, after: Duration) {
        let pause = async {
            let mut connection = self.pool.acquire().await?;
            jobs::pause(&mut connection, &receiver.limit.key, after).await
        };
        if let Err(error) = in_time(pause).await {
            tracing::warn!(alert = receiver.name, error = %classify::chain(&error), "the alert could not be paused");
        }
    }
}

fn count(alert: &str, outcome: &'static str) {
    metrics::counter!("dragoman_crm_alerts_total", "alert" => alert.to_owned(), "outcome" => outcome)
        .increment(1);
}

/// While a new configuration is rolled out, another replica may know the receiver that this one does not.
fn unknown(job: &Job, alert: &str) -> JobError {
    let failure = Failure::new(Class::NotFound, format!("the alert {alert} is not configured"));
    if job.attempt > ROLL_OUT {
        return JobError::Fail(failure);
    }
    JobError::Retry { after: Some(Duration::from_secs(60)), failure }
}
