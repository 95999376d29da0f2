use std::sync::Arc;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Event};
use classify::{Class, Failure};
use events::message::bot::LeadCaptured;
use ids::{Pii, Uuid};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use crate::accounts::Accounts;
use crate::adapters::standard_webhook::{Endpoints, LEAD_CREATED, lead_created};
use crate::config::WithoutEndpoint;
use crate::domain::lead::Lead;
use crate::jobs::{DELIVER, DELIVER_DEAL, DeliverDeal, DeliverLead};
use crate::store::delivery::{self, Delivery, Kind};
use crate::store::erased;
use crate::store::link::{self, Begun};

/// A captured lead becomes one delivery for each endpoint and account that wants it.
pub(crate) struct LeadCapturedHandler {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) jobs: Jobs,
    pub(crate) without_endpoint: WithoutEndpoint,
}

#[async_trait]
impl BatchHandler for LeadCapturedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Event]) -> Result<AfterCommit, Failure> {
        let (mut deliveries, mut jobs, mut links) = (Vec::new(), Vec::new(), Vec::new());
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
            let has_account = self.accounts.that_want(&lead.bot).next().is_some();
            let of_bot: Vec<_> = self.endpoints.that_want(LEAD_CREATED, &lead.bot).collect();
            if !has_account && !of_bot.iter().any(|endpoint| endpoint.takes(&lead.temperature)) {
                self.unwanted(&lead.bot, !of_bot.is_empty())?;
                continue;
            }
            let body = lead_created(&lead).map_err(|error| Failure::new(Class::Permanent, error))?;
            for endpoint in of_bot.into_iter().filter(|endpoint| endpoint.takes(&lead.temperature)) {
                // The same lead to the same endpoint is the same delivery, whatever else is repeated.
                let id = format!("lead_{lead_id}_{}", endpoint.name);
                let job = DeliverLead { delivery_id: id.clone() };
                jobs.push((id.clone(), NewJob::json(DELIVER, id.clone(), &job, event.trail_of_effects())?));
                let (endpoint, body) = (endpoint.name.clone(), Pii::new(body.clone()));
                let (kind, conversation_id) = (Kind::Lead, String::new());
                deliveries.push(Delivery { id, kind, of: lead_id, conversation_id, endpoint, body });
            }
            for account in self.accounts.that_want(&lead.bot) {
                let id = format!("lead_{lead_id}_{}", account.name);
                let job = DeliverDeal {
                    delivery_id: id.clone(),
                    account: account.name.clone(),
                    lead_id: Some(lead_id),
                };
                let key = link::job_key(&account.name, &lead.conversation_id, lead_id);
                jobs.push((id.clone(), NewJob::json(DELIVER_DEAL, key, &job, event.trail_of_effects())?));
                links.push(Begun {
                    lead_id,
                    account: account.name.clone(),
                    conversation_id: lead.conversation_id.clone(),
                    bot: lead.bot.clone(),
                });
                let body = serde_json::to_string(&Lead::of(&lead));
                let body = Pii::new(body.map_err(|error| Failure::new(Class::Permanent, error))?);
                let (kind, conversation_id) = (Kind::Lead, String::new());
                let endpoint = account.name.clone();
                deliveries.push(Delivery { id, kind, of: lead_id, conversation_id, endpoint, body });
            }
        }
        let fresh = delivery::insert(tx, &deliveries).await?;
        link::begin(tx, &links).await?;
        let jobs = jobs.into_iter().filter_map(|(id, job)| fresh.contains(&id).then_some(job));
        Ok(self.jobs.enqueue(tx, jobs.collect()).await?)
    }
}

impl LeadCapturedHandler {
    /// A lead that is forgotten in silence is what nobody forgives, so by default it waits for a decision; unless that is made:
    /// `too_cold` for every endpoint of its bot, as the settings have it.
    fn unwanted(&self, bot: &str, too_cold: bool) -> Result<(), Failure> {
        if too_cold || self.without_endpoint == WithoutEndpoint::Ignore {
            metrics::counter!("dragoman_crm_leads_ignored_total", "bot" => bot.to_owned()).increment(1);
            return Ok(());
        }
        let why = format!("no endpoint wants leads of {bot}; configure one and replay");
        Err(Failure::new(Class::NotFound, why))
    }
}
