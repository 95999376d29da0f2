use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::{Class, Classify, Failure};
use events::Envelope;
use jobs::{Job, JobError, JobHandler, Limit, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool, in_time};
use serde::{Deserialize, Serialize};

use super::beginnings::Beginnings;
use super::ends::{Ends, count};
use super::gone::{is_gone, leave_nothing};
use crate::adapters::standard_webhook::{ATTEMPTS, Answer, Endpoint, Endpoints, Sender, pause_after};
use crate::store::attempt::{self, Attempt};
use crate::store::begin::{Asked, Begun};
use crate::store::delivery;
use crate::store::health::{self, Failed, Why};

pub(crate) const DELIVER: &str = "crm.deliver";

/// Up to this attempt an endpoint that is not configured here is looked for elsewhere, once a minute.
const ROLL_OUT: u32 = 5;

/// One lead, or one brief, to one endpoint. Keyed by both: an endpoint that is down holds up no other.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliverLead {
    /// `<kind>_<id>_<endpoint>`: the webhook's id.
    pub(crate) delivery_id: String,
}

impl DeliverLead {
    fn endpoint(&self) -> Option<&str> {
        self.delivery_id.splitn(3, '_').nth(2)
    }
}

/// Posts them. A repetition carries the same webhook id, by which the endpoint knows it.
pub(crate) struct Deliver {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) sender: Sender,
    pub(crate) pool: Pool,
    pub(crate) beginnings: Beginnings,
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
            limited: self.endpoints.is_any_limited(),
            ..QueueSpec::new(DELIVER)
        }
    }

    /// One that comes too fast is moved to when it may, and has spent no attempt.
    fn limits(&self, job: &Job) -> Vec<Limit> {
        let job = job.json::<DeliverLead>().ok();
        job.as_ref()
            .and_then(DeliverLead::endpoint)
            .map(|name| self.endpoints.limits(name))
            .unwrap_or_default()
    }

    async fn run(&self, job: &Job) -> Result<Option<Attempt>, JobError> {
        let deliver: DeliverLead = job.json()?;
        let Some(endpoint) = deliver.endpoint().and_then(|name| self.endpoints.get(name)) else {
            return match is_gone(&self.pool, &deliver.delivery_id).await {
                true => Ok(None),
                false => Err(unknown(job, deliver.endpoint().unwrap_or_default())),
            };
        };
        // A slow endpoint must not take every slot of the others.
        let _slot = endpoint.slots.take().await.map_err(|after| self.snooze(after.as_secs_f64()))?;
        let asked = Asked {
            delivery_id: deliver.delivery_id,
            endpoint: endpoint.name.clone(),
            url_hash: endpoint.url_hash.clone(),
            enqueued_at: job.enqueued_at,
        };
        let delivery_id = asked.delivery_id.clone();
        let (n, body) = match in_time(self.beginnings.begin(asked)).await.map_err(|e| self.not_now(e)) {
            Ok(Begun::Attempt { n, body }) => (n, body),
            Ok(Begun::Nothing) => return Ok(None),
            Ok(Begun::Closed(why)) => return Err(closed(endpoint, why)),
            Err(JobError::Fail(_)) if is_gone(&self.pool, &delivery_id).await => return Ok(None),
            Err(error) => return Err(error),
        };
        let started = Instant::now();
        let answer = self.sender.send(endpoint, &delivery_id, body.expose(), self.ends.clock.now()).await;
        endpoint.slots.took(started.elapsed());
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
            return Ok(Some(attempt));
        }
        count(&endpoint.name, "attempt_failed");
        // What the endpoint said counts, even where it can not be noted now.
        if let Err(error) = in_time(attempt::end_now(&self.pool, &attempt)).await {
            tracing::warn!(endpoint = endpoint.name, error = %classify::chain(&error), "an attempt could not be noted");
        }
        let closes = self.note_failure(endpoint, &answer).await;
        // Its person was erased meanwhile: nothing is to be tried again, and no job keeps their ids.
        if is_gone(&self.pool, &attempt.delivery_id).await {
            return Ok(None);
        }
        match closes {
            Some(why) => Err(closed(endpoint, why)),
            None => Err(self.again(job, endpoint, &answer)),
        }
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
        let all_ended = delivery::end(tx, &ids, "delivered").await?;
        for ended in &all_ended {
            let job = sent.iter().find(|(_, attempt)| attempt.delivery_id == ended.id);
            facts.extend(job.and_then(|(job, _)| self.ends.fact(job, ended, "delivered")));
        }
        let names: BTreeSet<&str> = all_ended.iter().map(|ended| ended.endpoint.as_str()).collect();
        let worked: Vec<(&str, &str)> = names
            .into_iter()
            .filter_map(|name| self.endpoints.get(name))
            .map(|endpoint| (endpoint.name.as_str(), endpoint.url_hash.as_str()))
            .collect();
        health::worked(tx, &worked).await?;
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // A payload that can not be read names no delivery.
        let Ok(DeliverLead { delivery_id }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let ended = delivery::end(tx, &[&delivery_id], "failed").await?;
        leave_nothing(tx, job, &delivery_id).await?;
        let facts: Vec<Envelope> =
            ended.iter().filter_map(|ended| self.ends.fact(job, ended, "failed")).collect();
        ended.iter().for_each(|ended| count(&ended.endpoint, "failed"));
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }
}

impl Deliver {
    /// Why the endpoint is not called any more, where this attempt was the one too many.
    async fn note_failure(&self, endpoint: &Endpoint, answer: &Answer) -> Option<Why> {
        let failed = Failed {
            endpoint: &endpoint.name,
            url_hash: &endpoint.url_hash,
            at: self.ends.clock.now(),
            error: &said(endpoint, answer),
            gone: answer.is_gone(),
        };
        let disabled = in_time(health::failed(&self.pool, &failed)).await.unwrap_or_else(|error| {
            tracing::warn!(endpoint = endpoint.name, error = %classify::chain(&error), "it could not be noted that the endpoint fails");
            // What it has said counts for this delivery all the same.
            failed.gone.then_some(Why::Gone)
        });
        if let Some(why) = disabled {
            tracing::error!(
                endpoint = endpoint.name,
                why = why.as_str(),
                last_error = failed.error,
                "the endpoint is disabled: it is not called any more, and what is to go there is given up"
            );
        }
        disabled
    }

    fn again(&self, job: &Job, endpoint: &Endpoint, answer: &Answer) -> JobError {
        // ± 20 %, so that an endpoint that comes back is not met by all at once.
        let jitter = 0.8 + 0.4 * self.ends.ids.fraction();
        let after = pause_after(job.attempt, jitter, answer.is_overloaded(), answer.retry_after());
        let failure = Failure::new(Class::Transient, said(endpoint, answer));
        JobError::Retry { after: Some(after), failure }
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

fn said(endpoint: &Endpoint, answer: &Answer) -> String {
    match answer {
        Answer::Answered { status, .. } => format!("{} answered {status}", endpoint.name),
        Answer::Unknown(why) => format!("{} did not answer: {why}", endpoint.name),
        Answer::NotSent(why) => format!("{} could not be called: {why}", endpoint.name),
    }
}

/// Given up, and not left to wait: whoever waits for the lead hears of it, and each is one dead letter that says what to do.
fn closed(endpoint: &Endpoint, why: Why) -> JobError {
    let name = &endpoint.name;
    let why = match why {
        Why::Gone => "answered 410 Gone",
        Why::Failing => "has failed every attempt for five days",
    };
    let told = format!(
        "{name} {why} and is not called any more; mend it or give it a new address, then: dragoman crm enable {name}"
    );
    JobError::Fail(Failure::new(Class::Denied, told))
}
