use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Event};
use classify::{Class, Failure};
use ids::{Clock, Pii, Timestamp, Uuid};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use super::told::{Told, read};
use crate::accounts::{Account, Accounts};
use crate::adapters::standard_webhook::Endpoints;
use crate::jobs::{DELIVER, DELIVER_DEAL, DeliverDeal, DeliverLead};
use crate::store::delivery::{self, Delivery, Kind};
use crate::store::{erased, link};

/// What happens to a lead after it was captured goes to the endpoints that asked for such, and to the lead's own deals, in
/// its order. The lead may still be on its way here: another consumer reads it.
pub(crate) struct LaterHandler {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) clock: Clock,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl BatchHandler for LaterHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Event]) -> Result<AfterCommit, Failure> {
        let read = |event| Ok((event, read(event)?));
        let told = batch.iter().map(read).collect::<Result<Vec<(&Event, Told)>, Failure>>()?;
        let leads: Vec<Uuid> = told.iter().map(|(_, told)| told.lead_id).collect();
        let conversations: Vec<&str> = told.iter().map(|(_, told)| told.conversation_id.as_str()).collect();
        let (gone, gone_too) =
            (erased::of(tx, &leads).await?, erased::of_conversations(tx, &conversations).await?);
        let places =
            Places { links: link::at(tx, &leads).await?, waited_for: link::waited_for(tx, &leads).await? };
        let mut written = Written { places, ..Written::default() };
        for (event, told) in &told {
            // Its person was erased while it was on its way.
            if !gone.contains(&told.lead_id) && !gone_too.contains(&told.conversation_id) {
                self.write(event, told, &mut written)?;
            }
        }
        let fresh = delivery::insert(tx, &written.deliveries).await?;
        let jobs = written.jobs.into_iter().filter_map(|(id, job)| fresh.contains(&id).then_some(job));
        Ok(self.jobs.enqueue(tx, jobs.collect()).await?)
    }
}

/// Where each lead stands at the accounts.
#[derive(Default)]
struct Places {
    /// (lead, account, conversation)
    links: Vec<(Uuid, String, String)>,
    /// Keys under which something waits for its lead: whatever is newer stands behind it.
    waited_for: HashSet<String>,
}

#[derive(Default)]
struct Written {
    places: Places,
    deliveries: Vec<Delivery>,
    jobs: Vec<(String, NewJob)>,
}

impl LaterHandler {
    fn write(&self, event: &Event, told: &Told, written: &mut Written) -> Result<(), Failure> {
        let no_id = |_| Failure::new(Class::Permanent, "the id of an event is none");
        let event_id: Uuid = event.id.0.parse().map_err(no_id)?;
        let delivery = |id: &str, to: &str, body: String| Delivery {
            id: id.to_owned(),
            kind: Kind::Later,
            of: told.lead_id,
            conversation_id: told.conversation_id.clone(),
            endpoint: to.to_owned(),
            body: Pii::new(body),
        };
        let id = |to: &str| format!("later_{event_id}_{to}");
        let wanted = self.endpoints.that_want(told.name, &told.bot);
        for endpoint in wanted.filter(|one| told.temperatures.iter().any(|warm| one.takes(warm))) {
            let id = id(&endpoint.name);
            let job = DeliverLead { delivery_id: id.clone() };
            let job = NewJob::json(DELIVER, id.clone(), &job, event.trail_of_effects())?;
            written.deliveries.push(delivery(&id, &endpoint.name, told.body.clone()));
            written.jobs.push((id, job));
        }
        for account in self.accounts.all().filter(|account| account.takes(told.name)) {
            let at = |(of, name, _): &&(Uuid, String, String)| *of == told.lead_id && *name == account.name;
            let link = written.places.links.iter().find(at);
            // Whose lead is there gets its news, whatever the settings say of the bot by now.
            if link.is_none() && !account.wants(&told.bot) {
                continue;
            }
            let id = id(&account.name);
            let waits = link::wait_key(&account.name, told.lead_id);
            let in_line = link.filter(|_| !written.places.waited_for.contains(&waits));
            let (key, lead_id, run_at) = match in_line {
                Some((lead, name, conversation)) => {
                    (link::job_key(name, conversation, *lead), Some(*lead), self.gathers(account))
                }
                None => (waits.clone(), None, None),
            };
            if in_line.is_none() {
                written.places.waited_for.insert(waits);
            }
            let job = DeliverDeal { delivery_id: id.clone(), account: account.name.clone(), lead_id };
            let job = NewJob::json(DELIVER_DEAL, key, &job, event.trail_of_effects())?;
            let body = serde_json::to_string(&told.later);
            let body = body.map_err(|error| Failure::new(Class::Permanent, error))?;
            written.deliveries.push(delivery(&id, &account.name, body));
            written.jobs.push((id, NewJob { run_at, ..job }));
        }
        Ok(())
    }

    /// More may come in the next moments, and is told in the same note.
    fn gathers(&self, account: &Account) -> Option<Timestamp> {
        if account.gathers == Duration::ZERO {
            return None;
        }
        self.clock.now().checked_add(account.gathers).ok()
    }
}
