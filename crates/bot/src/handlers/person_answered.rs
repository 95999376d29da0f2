use std::sync::Arc;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::{Class, Failure};
use events::message::{analytics, crm, gateway, llm, person};
use events::{Event, Trail};
use ids::{Clock, Uuid};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use crate::jobs::{FINISH_ERASURE, FinishErasure};
use crate::rights::OWN;
use crate::rights::report::{Report, holdings};
use crate::store::{erasure, export};

/// What other services hold of a person, or have erased.
pub(crate) struct PersonAnsweredHandler {
    /// Those whose word an erasure waits for.
    pub(crate) services: Arc<[String]>,
    pub(crate) clock: Clock,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl BatchHandler for PersonAnsweredHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut jobs = Vec::new();
        for event in batch {
            let service = event.name().split('.').next().unwrap_or_default();
            match read(event)? {
                Answer::Held(held) => {
                    let id = id(&held.export_id)?;
                    export::answered(tx, id, service, &holdings(held)).await?;
                }
                Answer::Erased(erased) => {
                    let id = id(&erased.erasure_id)?;
                    let report = Report::from(erased).to_value();
                    let trail = event.trail_of_effects();
                    jobs.extend(self.erased(tx, id, service, &report, trail).await?);
                }
                Answer::Other => {}
            }
        }
        Ok(self.jobs.enqueue(tx, jobs).await?)
    }
}

impl PersonAnsweredHandler {
    /// The job that ends the erasure, when this was the last word that it waited for.
    async fn erased(
        &self,
        tx: &mut PgConnection,
        id: Uuid,
        service: &str,
        report: &serde_json::Value,
        trail: Trail,
    ) -> Result<Option<NewJob>, Failure> {
        let now = self.clock.now();
        let answered = erasure::answered(tx, id, service, report, now).await?;
        let has = |service: &str| answered.iter().any(|one| one == service);
        if !has(OWN) || !self.services.iter().all(|service| has(service)) {
            return Ok(None);
        }
        if !erasure::all_answered(tx, id, now).await? {
            return Ok(None);
        }
        let job = FinishErasure { erasure_id: id };
        Ok(Some(NewJob::json(FINISH_ERASURE, id.to_string(), &job, trail)?))
    }
}

enum Answer {
    Held(person::Held),
    Erased(person::Erased),
    /// Of a newer program.
    Other,
}

fn read(event: &Delivery) -> Result<Answer, Failure> {
    let held = |what: Option<person::Held>| Answer::Held(what.unwrap_or_default());
    let erased = |what: Option<person::Erased>| Answer::Erased(what.unwrap_or_default());
    Ok(match event.name() {
        gateway::PersonHeld::NAME => held(event.decode::<gateway::PersonHeld>()?.what),
        gateway::PersonErased::NAME => erased(event.decode::<gateway::PersonErased>()?.what),
        llm::PersonHeld::NAME => held(event.decode::<llm::PersonHeld>()?.what),
        llm::PersonErased::NAME => erased(event.decode::<llm::PersonErased>()?.what),
        crm::PersonHeld::NAME => held(event.decode::<crm::PersonHeld>()?.what),
        crm::PersonErased::NAME => erased(event.decode::<crm::PersonErased>()?.what),
        analytics::PersonHeld::NAME => held(event.decode::<analytics::PersonHeld>()?.what),
        analytics::PersonErased::NAME => erased(event.decode::<analytics::PersonErased>()?.what),
        _ => Answer::Other,
    })
}

fn id(text: &str) -> Result<Uuid, Failure> {
    text.parse().map_err(|_| Failure::new(Class::Permanent, "the id of an erasure or an export is none"))
}
