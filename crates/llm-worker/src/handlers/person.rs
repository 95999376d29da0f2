//! What this service holds of a person: rows of the ledger under a pseudonym, and masked words where the settings ask
//! for some.

use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::llm::{PersonErased, PersonHeld};
use events::message::person::{Erased, Held, Holding, Kept, Part};
use events::{Envelope, Event, Key};
use ids::{Clock, Ids};
use pg::{AfterCommit, PgConnection};

use crate::store::erased;

const GROUND: &str = "what answers cost is accounted for; the rows no longer say whose question it was";

/// Takes a person's questions away from them, or says what is known of these.
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
                    let request: ErasureRequested = event.decode()?;
                    let what = erase(tx, event, request, at_ms).await?;
                    let key = Key::of(&what.erasure_id);
                    answers.push(self.answer(event, key, &PersonErased { what: Some(what) }));
                }
                ExportRequested::NAME => {
                    let request: ExportRequested = event.decode()?;
                    let (bot, chat) = (&request.bot, request.chat_id);
                    let (count, details) = erased::held(tx, bot, chat, &request.conversation_id).await?;
                    let details = details.to_string();
                    let holdings = vec![Holding { kind: "questions".to_owned(), count, details }];
                    let what = Held { export_id: request.export_id, holdings, at_ms };
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

async fn erase(
    tx: &mut PgConnection,
    event: &Delivery,
    request: ErasureRequested,
    at_ms: i64,
) -> Result<Erased, Failure> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let erased = erased::erase(tx, &request.bot, request.chat_id, &request.conversation_id).await?;
    let unlinked = number(erased.unlinked);
    let rows = bus::erase_keys(tx, &[event.key.as_str()]).await?;
    let gone = [
        ("dead_letters", rows.dead_letters),
        ("unpublished_answers", rows.unpublished),
        ("masked_words", erased.samples),
        ("pseudonyms", erased.pseudonyms),
    ];
    let gone = gone.into_iter().filter(|(_, count)| *count > 0);
    let mut kept = Vec::new();
    if unlinked > 0 {
        kept.push(Kept { kind: "questions".to_owned(), count: unlinked, ground: GROUND.to_owned() });
    }
    Ok(Erased {
        erasure_id: request.erasure_id,
        erased: gone.map(|(kind, count)| Part { kind: kind.to_owned(), count: number(count) }).collect(),
        kept,
        at_ms,
    })
}
