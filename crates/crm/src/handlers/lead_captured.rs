use std::sync::Arc;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Event};
use classify::{Class, Failure};
use events::message::bot::LeadCaptured;
use ids::{Pii, Uuid};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use crate::config::WithoutEndpoint;
use crate::jobs::{DELIVER, DeliverLead};
use crate::store::delivery::{self, Delivery, Kind};
use crate::store::erased;
use crate::webhook::{Endpoints, LEAD_CREATED, lead_created};

/// A captured lead becomes one delivery for each endpoint that wants it.
pub(crate) struct LeadCapturedHandler {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) jobs: Jobs,
    pub(crate) without_endpoint: WithoutEndpoint,
}

#[async_trait]
impl BatchHandler for LeadCapturedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Event]) -> Result<AfterCommit, Failure> {
        let (mut deliveries, mut jobs) = (Vec::new(), Vec::new());
        let mut leads = Vec::with_capacity(batch.len());
        for event in batch {
            let lead: LeadCaptured = event.decode()?;
            let no_id = || Failure::new(Class::Permanent, "the lead's id is none");
            let lead_id: Uuid = lead.lead_id.parse().map_err(|_| no_id())?;
            leads.push((lead_id, lead, event));
        }
        let ids: Vec<Uuid> = leads.iter().map(|(id, ..)| *id).collect();
        let erased = erased::of(tx, &ids).await?;
        for (lead_id, lead, event) in leads {
            // Its person was erased while it was on its way.
            if erased.contains(&lead_id) {
                continue;
            }
            if self.endpoints.that_want(LEAD_CREATED, &lead.bot).next().is_none() {
                self.unwanted(&lead.bot)?;
                continue;
            }
            let body = lead_created(&lead).map_err(|error| Failure::new(Class::Permanent, error))?;
            for endpoint in self.endpoints.that_want(LEAD_CREATED, &lead.bot) {
                // The same lead to the same endpoint is the same delivery, whatever else is repeated.
                let id = format!("lead_{lead_id}_{}", endpoint.name);
                let job = DeliverLead { delivery_id: id.clone() };
                jobs.push(NewJob::json(DELIVER, id.clone(), &job, event.trail_of_effects())?);
                let (endpoint, body) = (endpoint.name.clone(), Pii::new(body.clone()));
                let (kind, conversation_id) = (Kind::Lead, String::new());
                deliveries.push(Delivery { id, kind, of: lead_id, conversation_id, endpoint, body });
            }
        }
        let mut fresh = delivery::insert(tx, &deliveries).await?;
        jobs.retain(|job| fresh.remove(&job.key));
        Ok(self.jobs.enqueue(tx, jobs).await?)
    }
}

impl LeadCapturedHandler {
    /// A lead that is forgotten in silence is what nobody forgives, so by default it waits for a decision.
    fn unwanted(&self, bot: &str) -> Result<(), Failure> {
        match self.without_endpoint {
            WithoutEndpoint::Ignore => {
                metrics::counter!("dragoman_crm_leads_ignored_total", "bot" => bot.to_owned()).increment(1);
                Ok(())
            }
            WithoutEndpoint::DeadLetter => {
                let why = format!("no endpoint wants leads of {bot}; configure one and replay");
                Err(Failure::new(Class::NotFound, why))
            }
        }
    }
}
