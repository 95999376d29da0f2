//! What this service holds of a person: rows of the ledger under a pseudonym, and masked words where the settings ask
//! for some; what is hidden from models in their conversation, a summary of it, and questions that nobody could answer, masked.

use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{BatchHandler, Delivery, PersonRequest};
use classify::{Class, Failure};
use events::message::bot::ErasureRequested;
use events::message::llm::{PersonErased, PersonHeld};
use events::message::person::{Erased, Held, Holding, Kept};
use ids::{Clock, Ids};
use jobs::Traces;
use pg::{AfterCommit, PgConnection};

use crate::store::erased::{self, Counted};
use crate::store::{gaps, memory};

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
        let mut counted = Vec::new();
        let requests = batch.iter().map(PersonRequest::of).collect::<Result<Vec<_>, _>>()?;
        let erasures = requests.iter().filter_map(|request| match request {
            Some(PersonRequest::Erase(request)) => Some(request.conversation_id.as_str()),
            _ => None,
        });
        erased::take_turns(tx, &erasures.collect::<Vec<_>>()).await?;
        for (event, request) in batch.iter().zip(requests) {
            let at_ms = self.clock.now_ms();
            let by = (&self.ids, &self.clock);
            match request {
                Some(PersonRequest::Erase(request)) => {
                    let asked = request.erasure_id.clone();
                    let (erased, of_books) = erase(tx, event, request, at_ms).await?;
                    counted.push(of_books);
                    let answer = PersonErased { what: Some(erased) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                Some(PersonRequest::Tell(request)) => {
                    let asked = request.export_id.clone();
                    let (bot, chat) = (&request.bot, request.chat_id);
                    let (count, details) = erased::held(tx, bot, chat, &request.conversation_id).await?;
                    let details = details.to_string();
                    let mut holdings = vec![Holding { kind: "questions".to_owned(), count, details }];
                    let (masks, has_summary) = memory::held(tx, &request.conversation_id).await?;
                    let memory = [("masked_values", masks), ("summaries", i64::from(has_summary))];
                    holdings.extend(memory.into_iter().filter(|(_, count)| *count > 0).map(
                        |(kind, count)| Holding { kind: kind.to_owned(), count, details: String::new() },
                    ));
                    let unanswered = gaps::held(tx, &request.conversation_id).await?;
                    if unanswered > 0 {
                        let kind = "unanswered_questions".to_owned();
                        holdings.push(Holding {
                            kind,
                            count: unanswered,
                            details: "{\"masked\":true}".to_owned(),
                        });
                    }
                    let what = Held { export_id: request.export_id, holdings, at_ms };
                    let answer = PersonHeld { what: Some(what) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                None => {}
            }
        }
        let after = self.outbox.put(tx, &answers).await?;
        // Last: it locks what every worker waits for.
        erased::leave_books(tx, &counted).await?;
        Ok(after)
    }
}

async fn erase(
    tx: &mut PgConnection,
    event: &Delivery,
    request: ErasureRequested,
    at_ms: i64,
) -> Result<(Erased, Counted), Failure> {
    let erased = erased::erase(tx, &request.bot, request.chat_id, &request.conversation_id).await?;
    let unlinked = i64::try_from(erased.unlinked).unwrap_or(i64::MAX);
    let (masks, had_summary) = memory::erase(tx, &request.conversation_id).await?;
    let traces = Traces { keys: &[&request.conversation_id], ..Traces::default() };
    // Those that are still to be made hold words, as briefs do.
    let waiting = jobs::erase(tx, traces).await?;
    // What is being made is not waited for, a model may take longer than an event is tried: nothing of it is written.
    let made = jobs::cut_off(tx, traces).await?;
    let summaries = waiting + made + u64::from(had_summary);
    // What is left is just being written, and will be there in a moment.
    if jobs::is_running(tx, traces).await? {
        return Err(Failure::new(
            Class::Transient,
            "a summary or a brief of the conversation is just being written",
        ));
    }
    let rows = bus::erase_keys(tx, &[event.key.as_str()]).await?;
    let unanswered = gaps::erase_in_tx(tx, &request.conversation_id).await?;
    let gone = [
        ("unanswered_questions", unanswered),
        ("dead_letters", rows.dead_letters),
        ("unpublished_answers", rows.unpublished),
        ("masked_words", erased.samples),
        ("pseudonyms", erased.pseudonyms),
        ("masked_values", masks),
        ("summaries", summaries),
    ];
    let mut kept = Vec::new();
    if unlinked > 0 {
        kept.push(Kept { kind: "questions".to_owned(), count: unlinked, ground: GROUND.to_owned() });
    }
    let what = Erased { erasure_id: request.erasure_id, erased: bus::erased_parts(&gone), kept, at_ms };
    Ok((what, erased.counted))
}
