use std::sync::Arc;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Event};
use classify::{Class, Failure};
use events::message::llm::HandoffPrepared;
use ids::{Pii, Uuid};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use crate::accounts::Accounts;
use crate::adapters::standard_webhook::{Endpoints, HANDOFF_PREPARED, handoff_prepared};
use crate::jobs::{DELIVER, DELIVER_DEAL, DeliverDeal, DeliverLead, News};
use crate::store::delivery::{self, Delivery, Kind};
use crate::store::{erased, link};

/// A brief for whoever takes a conversation over goes to the endpoints that asked for such, and to the deals of the
/// conversation's last lead. That lead may still be on its way here: it comes by another stream.
pub(crate) struct HandoffPreparedHandler {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl BatchHandler for HandoffPreparedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Event]) -> Result<AfterCommit, Failure> {
        let (mut deliveries, mut jobs) = (Vec::new(), Vec::new());
        let handoffs = batch.iter().map(Event::decode).collect::<Result<Vec<HandoffPrepared>, _>>()?;
        let conversations: Vec<&str> = handoffs.iter().map(|one| one.conversation_id.as_str()).collect();
        let erased = erased::of_conversations(tx, &conversations).await?;
        let leads = link::last_of(tx, &conversations).await?;
        for (event, handoff) in batch.iter().zip(&handoffs) {
            // Its person was erased while it was on its way.
            if erased.contains(&handoff.conversation_id) {
                continue;
            }
            let no_id = |_| Failure::new(Class::Permanent, "the id of a call for a human is none");
            let handoff_id: Uuid = handoff.handoff_id.parse().map_err(no_id)?;
            let body = handoff_prepared(handoff).map_err(|error| Failure::new(Class::Permanent, error))?;
            for endpoint in self.endpoints.that_want(HANDOFF_PREPARED, &handoff.bot) {
                let id = format!("handoff_{handoff_id}_{}", endpoint.name);
                let job = DeliverLead { delivery_id: id.clone() };
                jobs.push((id.clone(), NewJob::json(DELIVER, id.clone(), &job, event.trail_of_effects())?));
                deliveries.push(Delivery {
                    id,
                    kind: Kind::Handoff,
                    of: handoff_id,
                    conversation_id: handoff.conversation_id.clone(),
                    endpoint: endpoint.name.clone(),
                    body: Pii::new(body.clone()),
                });
            }
            if handoff.conversation_id.is_empty() {
                continue;
            }
            for account in self.accounts.all().filter(|account| account.takes(HANDOFF_PREPARED)) {
                let lead_id = leads
                    .iter()
                    .find(|(of, _, at)| *of == handoff.conversation_id && *at == account.name)
                    .map(|(_, lead_id, _)| *lead_id);
                if lead_id.is_none() && !account.wants(&handoff.bot) {
                    continue;
                }
                let (id, account) = (format!("handoff_{handoff_id}_{}", account.name), account.name.clone());
                // Nothing orders leads and briefs. A brief whose lead is not here yet must not stand in its way.
                let key = lead_id.map_or_else(
                    || id.clone(),
                    |lead_id| link::job_key(&account, &handoff.conversation_id, lead_id),
                );
                let job = DeliverDeal { delivery_id: id.clone(), account: account.clone(), lead_id };
                jobs.push((id.clone(), NewJob::json(DELIVER_DEAL, key, &job, event.trail_of_effects())?));
                let news = News {
                    language: handoff.language.clone(),
                    reason: handoff.reason.clone(),
                    brief: handoff.brief.clone(),
                };
                let body = serde_json::to_string(&news);
                deliveries.push(Delivery {
                    id,
                    kind: Kind::Handoff,
                    of: handoff_id,
                    conversation_id: handoff.conversation_id.clone(),
                    endpoint: account,
                    body: Pii::new(body.map_err(|error| Failure::new(Class::Permanent, error))?),
                });
            }
        }
        let fresh = delivery::insert(tx, &deliveries).await?;
        let jobs = jobs.into_iter().filter_map(|(id, job)| fresh.contains(&id).then_some(job));
        Ok(self.jobs.enqueue(tx, jobs.collect()).await?)
    }
}
