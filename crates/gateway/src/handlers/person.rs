use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{BatchHandler, Delivery, PersonRequest};
use classify::Failure;
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::gateway::{PersonErased, PersonHeld};
use events::message::person::{Erased, Held};
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
            let by = (&self.ids, &self.clock);
            match PersonRequest::of(event)? {
                Some(PersonRequest::Erase(ErasureRequested { erasure_id: asked, .. })) => {
                    let rows = bus::erase_keys(tx, &[event.key.as_str()]).await?;
                    let erased = bus::erased_parts(&[("dead_letters", rows.dead_letters)]);
                    let what = Erased { erasure_id: asked.clone(), erased, kept: Vec::new(), at_ms };
                    let answer = PersonErased { what: Some(what) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                Some(PersonRequest::Tell(ExportRequested { export_id: asked, .. })) => {
                    let what = Held { export_id: asked.clone(), holdings: Vec::new(), at_ms };
                    let answer = PersonHeld { what: Some(what) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                None => {}
            }
        }
        Ok(self.outbox.put(tx, &answers).await?)
    }
}
