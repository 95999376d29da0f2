use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::{Class, Classify, Failure};
use events::Envelope;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool, in_time};
use serde::{Deserialize, Serialize};

use super::ends::{Ends, count};
use crate::adapters::standard_webhook::{ATTEMPTS, Answer, Endpoint, Endpoints, Sender, pause_after};
use crate::store::attempt::{self, Attempt};
use crate::store::delivery;
use crate::store::gone::{self, Door};

pub(crate) const DELIVER: &str = "crm.deliver";

/// Up to this attempt an endpoint that is not configured here is looked for elsewhere, once a minute.
const ROLL_OUT: u32 = 5;

/// One lead, or one brief, to one endpoint. Keyed by both: an endpoint that is down holds up no other.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliverLead {
    pub(crate) delivery_id: String,
}

/// Posts them. A repetition carries the same webhook id, by which the endpoint knows it.
pub(crate) struct Deliver {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) sender: Sender,
    pub(crate) pool: Pool,
    pub(crate) ends: Ends,
}

#[async_trait]
impl JobHandler for Deliver {
    /// The attempt that succeeded; none where there was nothing left to do.
    type Done = Option<Attempt>;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 32,
            max_attempts: ATTEMPTS,
            backoff: |attempt| pause_after(attempt, 1.0, false, None),
            ..QueueSpec::new(DELIVER)
        }
    }

    async fn run(&self, job: &Job) -> Result<Option<Attempt>, JobError> {
        let DeliverLead { delivery_id } = job.json()?;
        let waiting =
            in_time(delivery::waiting(&self.pool, &delivery_id)).await.map_err(|e| self.not_now(e))?;
        let Some(waiting) = waiting else { return Ok(None) };
        let Some(endpoint) = self.endpoints.get(&waiting.endpoint) else {
            return Err(unknown(job, &waiting.endpoint));
        };
        let address = endpoint.url_hash();
        let door = gone::door(&self.pool, &endpoint.name, &address, &delivery_id, job.enqueued_at);
        let door = in_time(door).await.map_err(|e| self.not_now(e))?;
        if door == Door::Gone {
            return Err(gone_for_good(endpoint));
        }
        // A slow endpoint must not take every slot of the others.
        let Ok(_slot) = endpoint.slots.try_acquire() else {
            return Err(self.snooze(endpoint.line.join(Instant::now()).as_secs_f64()));
        };
        let n = in_time(attempt::begin(&self.pool, &delivery_id, "")).await.map_err(|e| self.not_now(e))?;
        let started = Instant::now();
        let answer =
            self.sender.send(endpoint, &delivery_id, waiting.body.expose(), self.ends.clock.now()).await;
        endpoint.line.took(started.elapsed());
        let attempt = Attempt {
            delivery_id,
            n,
            outcome: answer.word(),
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            status: answer.status().map(|status| status.as_u16()),
            note: answer.note(),
        };
        if answer.is_success() {
            count(&endpoint.name, "delivered");
            if door == Door::TriedAgain
                && let Err(error) = in_time(gone::forget(&self.pool, &endpoint.name, &address)).await
            {
                tracing::warn!(endpoint = endpoint.name, error = %classify::chain(&error), "it could not be noted that the endpoint is back");
            }
            return Ok(Some(attempt));
        }
        count(&endpoint.name, "attempt_failed");
        // What the endpoint said counts, even where it can not be noted now.
        if let Err(error) = in_time(attempt::end_now(&self.pool, &attempt)).await {
            tracing::warn!(endpoint = endpoint.name, error = %classify::chain(&error), "an attempt could not be noted");
        }
        if answer.is_gone() {
            if let Err(error) = in_time(gone::note(&self.pool, &endpoint.name, &address)).await {
                tracing::warn!(endpoint = endpoint.name, error = %classify::chain(&error), "410 could not be noted");
            }
            return Err(gone_for_good(endpoint));
        }
        Err(self.again(job, endpoint, &answer))
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        done: &[(Job, Option<Attempt>)],
    ) -> Result<AfterCommit, Failure> {
        let sent: Vec<(&Job, &Attempt)> =
            done.iter().filter_map(|(job, attempt)| Some((job, attempt.as_ref()?))).collect();
        let attempts: Vec<&Attempt> = sent.iter().map(|(_, attempt)| *attempt).collect();
        attempt::end(tx, &attempts).await?;
        let ids: Vec<&str> = attempts.iter().map(|attempt| attempt.delivery_id.as_str()).collect();
        let mut facts = Vec::with_capacity(ids.len());
        for ended in delivery::end(tx, &ids, "delivered").await? {
            let job = sent.iter().find(|(_, attempt)| attempt.delivery_id == ended.id);
            facts.extend(job.and_then(|(job, _)| self.ends.fact(job, &ended, "delivered")));
        }
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // A payload that can not be read names no delivery.
        let Ok(DeliverLead { delivery_id }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let ended = delivery::end(tx, &[&delivery_id], "failed").await?;
        let facts: Vec<Envelope> =
            ended.iter().filter_map(|ended| self.ends.fact(job, ended, "failed")).collect();
        ended.iter().for_each(|ended| count(&ended.endpoint, "failed"));
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }
}

impl Deliver {
    fn again(&self, job: &Job, endpoint: &Endpoint, answer: &Answer) -> JobError {
        // ± 20 %, so that an endpoint that comes back is not met by all at once.
        let jitter = 0.8 + 0.4 * self.ends.ids.fraction();
        let after = pause_after(job.attempt, jitter, answer.is_overloaded(), answer.retry_after());
        let said = match answer {
            Answer::Answered { status, .. } => format!("{} answered {status}", endpoint.name),
            Answer::Unknown(why) => format!("{} did not answer: {why}", endpoint.name),
            Answer::NotSent(why) => format!("{} could not be called: {why}", endpoint.name),
        };
        JobError::Retry { after: Some(after), failure: Failure::new(Class::Transient, said) }
    }

    /// Trouble of our own database: it must not use up the endpoint's attempts.
    fn not_now(&self, error: PgError) -> JobError {
        if error.class().is_retryable() { self.snooze(5.0) } else { Failure::from(error).into() }
    }

    fn snooze(&self, seconds: f64) -> JobError {
        JobError::Snooze { after: Duration::from_secs_f64(seconds * (0.8 + 0.4 * self.ends.ids.fraction())) }
    }
}

/// While a new configuration is rolled out, another replica may know the endpoint that this one does not; after
/// some minutes nobody does.
fn unknown(job: &Job, endpoint: &str) -> JobError {
    let failure = Failure::new(Class::NotFound, format!("the endpoint {endpoint} is not configured"));
    if job.attempt > ROLL_OUT {
        return JobError::Fail(failure);
    }
    JobError::Retry { after: Some(Duration::from_secs(60)), failure }
}

fn gone_for_good(endpoint: &Endpoint) -> JobError {
    JobError::Fail(Failure::new(
        Class::Denied,
        format!(
            "{} answered 410 Gone and is not called any more; give it a new address, or replay once it takes leads again",
            endpoint.name
        ),
    ))
}
