use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{Delivery, WorkHandler};
use classify::Failure;
use events::Event;
use events::message::analytics::{PersonErased, PersonHeld};
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::person::{Erased, Held, Holding, Kept};
use ids::{Clock, Ids};
use pg::{AfterCommit, PgConnection, Pool};

use super::id;
use crate::store::person;

const GROUND: &str = "numbers without a name: the conversation's id leads to nobody any more";

/// Facts are numbers; what could lead to a person is taken out of them. It is work and not a batch: to count the
/// facts of one conversation takes its time.
pub(crate) struct PersonWork {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

#[async_trait]
impl WorkHandler for PersonWork {
    /// The facts there are, by kind.
    type Done = Vec<(String, i64)>;

    async fn work(&self, event: &Delivery) -> Result<Self::Done, Failure> {
        let (conversation, leads) = match event.name() {
            ErasureRequested::NAME => {
                let request: ErasureRequested = event.decode()?;
                (request.conversation_id, request.lead_ids)
            }
            _ => {
                let request: ExportRequested = event.decode()?;
                (request.conversation_id, request.lead_ids)
            }
        };
        let leads = leads.iter().map(|lead| id(lead)).collect::<Result<Vec<_>, _>>()?;
        Ok(person::count(&self.pool, id(&conversation)?, &leads).await?)
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        facts: &mut Self::Done,
    ) -> Result<AfterCommit, Failure> {
        let (at_ms, by) = (self.clock.now_ms(), (&self.ids, &self.clock));
        let answer = match event.name() {
            ErasureRequested::NAME => {
                let request: ErasureRequested = event.decode()?;
                let what = erase(tx, event, request, facts.clone(), at_ms).await?;
                let asked = what.erasure_id.clone();
                bus::answer_about_person(event, by, &asked, &PersonErased { what: Some(what) })
            }
            _ => {
                let request: ExportRequested = event.decode()?;
                let holding = |(kind, count)| Holding { kind, count, details: String::new() };
                let holdings = facts.iter().cloned().map(holding).collect();
                let what = Held { export_id: request.export_id, holdings, at_ms };
                let asked = what.export_id.clone();
                bus::answer_about_person(event, by, &asked, &PersonHeld { what: Some(what) })
            }
        };
        Ok(self.outbox.put(tx, &[answer]).await?)
    }

    async fn give_up(&self, _: &mut PgConnection, _: &Delivery, _: &Failure) -> Result<AfterCommit, Failure> {
        // It is asked again, and an operator sees the dead letter.
        Ok(AfterCommit::nothing())
    }
}

async fn erase(
    tx: &mut PgConnection,
    event: &Delivery,
    request: ErasureRequested,
    facts: Vec<(String, i64)>,
    at_ms: i64,
) -> Result<Erased, Failure> {
    let payload = person::erase(tx, id(&request.conversation_id)?).await?;
    // What a CRM tells of a deal is keyed by its lead.
    let of_leads = request.lead_ids.iter().map(String::as_str);
    let keys: Vec<&str> = std::iter::once(event.key.as_str()).chain(of_leads).collect();
    let letters = bus::erase_keys(tx, &keys).await?.dead_letters;
    let erased = bus::erased_parts(&[("link_payloads", u64::from(payload)), ("dead_letters", letters)]);
    let kept = |(kind, count)| Kept { kind, count, ground: GROUND.to_owned() };
    let kept = facts.into_iter().map(kept).collect();
    Ok(Erased { erasure_id: request.erasure_id, erased, kept, at_ms })
}
