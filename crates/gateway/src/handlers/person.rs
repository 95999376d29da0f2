use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::gateway::{PersonErased, PersonHeld};
use events::message::person::{Erased, Held, Part};
use events::{Envelope, Event, Key};
use ids::{Clock, Ids};
use pg::{AfterCommit, PgConnection};

/// What the gateway holds of a person: nothing in its tables, for updates go through it into their stream. An
/// event that it gave up would be a dead letter, and is erased.
pub(crate) struct PersonHandler {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

#[async_trait]
impl BatchHandler for PersonHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut answers = Vec::with_capacity(batch.len());
        for event in batch {
            let at_ms = self.clock.now_ms();
            match event.name() {
                ErasureRequested::NAME => {
                    let ErasureRequested { erasure_id, .. } = event.decode()?;
                    let rows = bus::erase_keys(tx, &[event.key.as_str()]).await?;
                    let mut erased = Vec::new();
                    if rows.dead_letters > 0 {
                        let count = i64::try_from(rows.dead_letters).unwrap_or(i64::MAX);
                        erased.push(Part { kind: "dead_letters".to_owned(), count });
                    }
                    let what = Erased { erasure_id, erased, kept: Vec::new(), at_ms };
                    let key = Key::of(&what.erasure_id);
                    answers.push(self.answer(event, key, &PersonErased { what: Some(what) }));
                }
                ExportRequested::NAME => {
                    let ExportRequested { export_id, .. } = event.decode()?;
                    let what = Held { export_id, holdings: Vec::new(), at_ms };
                    let key = Key::of(&what.export_id);
                    answers.push(self.answer(event, key, &PersonHeld { what: Some(what) }));
                }
                _ => {}
            }
        }
        Ok(self.outbox.put(tx, &answers).await?)
    }
}

impl PersonHandler {
    fn answer<E: Event>(&self, event: &Delivery, key: Key, answer: &E) -> Envelope {
        Envelope::new(self.ids.event(), key, event.trail_of_effects(), self.clock.now_ms(), answer)
    }
}
