use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{Delivery, WorkHandler};
use classify::Failure;
use events::message::analytics::{PersonErased, PersonHeld};
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::person::{Erased, Held, Holding, Kept, Part};
use events::{Envelope, Event, Key};
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
        facts: Self::Done,
    ) -> Result<AfterCommit, Failure> {
        let at_ms = self.clock.now_ms();
        let answer = match event.name() {
            ErasureRequested::NAME => {
                let request: ErasureRequested = event.decode()?;
                let what = erase(tx, event, request, facts, at_ms).await?;
                let key = Key::of(&what.erasure_id);
                self.answer(event, key, &PersonErased { what: Some(what) })
            }
            _ => {
                let request: ExportRequested = event.decode()?;
                let holding = |(kind, count)| Holding { kind, count, details: String::new() };
                let holdings = facts.into_iter().map(holding).collect();
                let what = Held { export_id: request.export_id, holdings, at_ms };
                let key = Key::of(&what.export_id);
                self.answer(event, key, &PersonHeld { what: Some(what) })
            }
        };
        Ok(self.outbox.put(tx, &[answer]).await?)
    }

    async fn give_up(&self, _: &mut PgConnection, _: &Delivery, _: &Failure) -> Result<AfterCommit, Failure> {
        // It is asked again, and an operator sees the dead letter.
        Ok(AfterCommit::nothing())
    }
}

impl PersonWork {
    fn answer<E: Event>(&self, event: &Delivery, key: Key, answer: &E) -> Envelope {
        Envelope::new(self.ids.event(), key, event.trail_of_effects(), self.clock.now_ms(), answer)
    }
}

async fn erase(
    tx: &mut PgConnection,
    event: &Delivery,
    request: ErasureRequested,
    facts: Vec<(String, i64)>,
    at_ms: i64,
) -> Result<Erased, Failure> {
    let mut erased = Vec::new();
    if person::erase(tx, id(&request.conversation_id)?).await? {
        erased.push(Part { kind: "link_payloads".to_owned(), count: 1 });
    }
    let letters = bus::erase_keys(tx, &[event.key.as_str()]).await?.dead_letters;
    if letters > 0 {
        let count = i64::try_from(letters).unwrap_or(i64::MAX);
        erased.push(Part { kind: "dead_letters".to_owned(), count });
    }
    let kept = |(kind, count)| Kept { kind, count, ground: GROUND.to_owned() };
    let kept = facts.into_iter().map(kept).collect();
    Ok(Erased { erasure_id: request.erasure_id, erased, kept, at_ms })
}
