use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::{Class, Failure};
use events::message::crm::DeliveryEnded;
use events::{Envelope, Key};
use ids::{Clock, Ids, Uuid};
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{PgConnection, Pool};
use serde::{Deserialize, Serialize};

use crate::store::{attempt, delivery, gone};
use crate::webhook::{ATTEMPTS, Answer, Endpoint, Endpoints, Sender, pause_after};

pub(crate) const DELIVER: &str = "crm.deliver";

/// One lead to one endpoint. Keyed by both: an endpoint that is down holds up no other.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliverLead {
    pub(crate) delivery_id: String,
}

/// Posts leads. A repetition carries the same webhook id, by which the endpoint knows it.
pub(crate) struct Deliver {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) sender: Sender,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) wakes: service_kit::Wakes,
}

/// A delivery that ended well: the status, or `None` where there was nothing left to do.
pub(crate) struct Delivered {
    delivery_id: String,
    status: Option<u16>,
}

#[async_trait]
impl JobHandler for Deliver {
    type Done = Delivered;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 32,
            max_attempts: ATTEMPTS,
            backoff: |attempt| pause_after(attempt, false, None),
            ..QueueSpec::new(DELIVER)
        }
    }

    async fn run(&self, job: &Job) -> Result<Delivered, JobError> {
        let DeliverLead { delivery_id } = job.json()?;
        let Some(waiting) = delivery::waiting(&self.pool, &delivery_id).await.map_err(Failure::from)? else {
            return Ok(Delivered { delivery_id, status: None });
        };
        let Some(endpoint) = self.endpoints.get(&waiting.endpoint) else {
            return Err(JobError::Fail(Failure::new(
                Class::NotFound,
                format!("the endpoint {} is no longer configured", waiting.endpoint),
            )));
        };
        let address = endpoint.url_hash();
        if gone::is_gone(&self.pool, &endpoint.name, &address).await.map_err(Failure::from)? {
            return Err(gone_for_good(endpoint));
        }
        let n = attempt::begin(&self.pool, &delivery_id).await.map_err(Failure::from)?;
        let started = Instant::now();
        let answer = self.sender.send(endpoint, &delivery_id, waiting.body.expose(), self.clock.now()).await;
        let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let status = answer.status.map(|status| status.as_u16());
        attempt::end(&self.pool, &delivery_id, n, took_ms, status, &answer.note).await.map_err(Failure::from)?;
        let outcome = if answer.is_success() { "delivered" } else { "attempt_failed" };
        metrics::counter!("dragoman_crm_deliveries_total", "endpoint" => endpoint.name.clone(), "outcome" => outcome)
            .increment(1);
        if answer.is_success() {
            return Ok(Delivered { delivery_id, status });
        }
        if answer.is_gone() {
            gone::note(&self.pool, &endpoint.name, &address).await.map_err(Failure::from)?;
            return Err(gone_for_good(endpoint));
        }
        Err(self.again(job, endpoint, &answer))
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Delivered)]) -> Result<(), Failure> {
        let ids: Vec<String> = done.iter().map(|(_, delivered)| delivered.delivery_id.clone()).collect();
        let ended = delivery::end(tx, &ids, "delivered").await?;
        let mut facts = Vec::with_capacity(done.len());
        for (job, delivered) in done.iter().filter(|(_, delivered)| delivered.status.is_some()) {
            let Some((_, lead, endpoint)) = ended.iter().find(|(id, ..)| *id == delivered.delivery_id) else {
                continue;
            };
            facts.push(self.fact(job, *lead, endpoint, "delivered", delivered.status));
        }
        bus::outbox::put(tx, &facts).await?;
        Ok(())
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<(), Failure> {
        let Ok(DeliverLead { delivery_id }) = job.json() else { return Ok(()) };
        let ended = delivery::end(tx, &[delivery_id], "failed").await?;
        let facts: Vec<Envelope> =
            ended.iter().map(|(_, lead, endpoint)| self.fact(job, *lead, endpoint, "failed", None)).collect();
        for (_, _, endpoint) in &ended {
            metrics::counter!("dragoman_crm_deliveries_total", "endpoint" => endpoint.clone(), "outcome" => "failed")
                .increment(1);
        }
        bus::outbox::put(tx, &facts).await?;
        Ok(())
    }

    fn committed(&self) {
        self.wakes.outbox.wake();
    }
}

impl Deliver {
    fn again(&self, job: &Job, endpoint: &Endpoint, answer: &Answer) -> JobError {
        let pause = pause_after(job.attempt, answer.is_overloaded(), answer.retry_after);
        // ± 20 %, so that an endpoint that comes back is not met by all at once.
        let after = pause.mul_f64(0.8 + 0.4 * self.ids.fraction()).max(Duration::from_secs(1));
        let said = answer.status.map_or_else(
            || format!("{} did not answer: {}", endpoint.name, answer.note),
            |status| format!("{} answered {status}", endpoint.name),
        );
        JobError::Retry { after: Some(after), failure: Failure::new(Class::Transient, said) }
    }

    fn fact(&self, job: &Job, lead: Uuid, endpoint: &str, outcome: &str, status: Option<u16>) -> Envelope {
        let at_ms = self.clock.now_ms();
        let event = DeliveryEnded {
            lead_id: lead.to_string(),
            endpoint: endpoint.to_owned(),
            outcome: outcome.to_owned(),
            attempts: i32::try_from(job.attempt).unwrap_or(i32::MAX),
            status: status.map_or(0, i32::from),
            at_ms,
        };
        Envelope::new(self.ids.event(), Key::of(lead), job.trail.clone(), at_ms, &event)
    }
}

fn gone_for_good(endpoint: &Endpoint) -> JobError {
    JobError::Fail(Failure::new(
        Class::Denied,
        format!("{} answered 410 Gone; give it a new address and replay", endpoint.name),
    ))
}
