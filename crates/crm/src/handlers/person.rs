use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{BatchHandler, Delivery, PersonRequest};
use classify::{Class, Failure};
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::crm::{PersonErased, PersonHeld};
use events::message::person::{Erased, Held, Holding, Kept};
use ids::{Clock, Ids, Uuid};
use jobs::Traces;
use pg::{AfterCommit, PgConnection};
use serde_json::Value;

use crate::store::{deal, erased};

/// Erases the deliveries of a person's leads and of briefs about them, or says what they are.
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
            let by = (&self.ids, &self.clock);
            match PersonRequest::of(event)? {
                Some(PersonRequest::Erase(request)) => {
                    let asked = request.erasure_id.clone();
                    let answer = PersonErased { what: Some(self.erase(tx, event, request).await?) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                Some(PersonRequest::Tell(request)) => {
                    let asked = request.export_id.clone();
                    let holdings = held(tx, &request).await?;
                    let at_ms = self.clock.now_ms();
                    let what = Held { export_id: request.export_id, holdings, at_ms };
                    let answer = PersonHeld { what: Some(what) };
                    answers.push(bus::answer_about_person(event, by, &asked, &answer));
                }
                None => {}
            }
        }
        Ok(self.outbox.put(tx, &answers).await?)
    }
}

impl PersonHandler {
    async fn erase(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        request: ErasureRequested,
    ) -> Result<Erased, Failure> {
        let gone = erased::erase(tx, &leads(&request.lead_ids)?, &request.conversation_id).await?;
        let ids: Vec<&str> = gone.ids.iter().map(String::as_str).collect();
        let jobs = jobs::erase(tx, Traces { keys: &ids, ..Traces::default() }).await?;
        let of_chat = bus::erase_keys(tx, &[event.key.as_str()]).await?;
        // A lead's own events are not keyed by its chat.
        let leads: Vec<&str> = request.lead_ids.iter().map(String::as_str).collect();
        let of_leads = bus::erase_mentions(tx, &leads).await?;
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        let erased = bus::erased_parts(&[
            ("deliveries", number(gone.deliveries)),
            ("attempts", number(gone.attempts)),
            ("deals", gone.deals as u64),
            ("jobs", jobs),
            ("dead_letters", of_chat.dead_letters + of_leads.dead_letters),
            ("unpublished_events", of_chat.unpublished + of_leads.unpublished),
        ]);
        let kept = gone.received.into_iter().map(|(endpoint, count)| Kept {
            kind: format!("delivered_to:{endpoint}"),
            count,
            ground: "whoever received it keeps it in a system of their own and answers for it".to_owned(),
        });
        Ok(Erased {
            erasure_id: request.erasure_id,
            erased,
            kept: kept.collect(),
            at_ms: self.clock.now_ms(),
        })
    }
}

async fn held(tx: &mut PgConnection, request: &ExportRequested) -> Result<Vec<Holding>, Failure> {
    let leads = leads(&request.lead_ids)?;
    let (count, rows) = erased::held(tx, &leads, &request.conversation_id).await?;
    let details = Value::Array(rows).to_string();
    let mut holdings = vec![Holding { kind: "deliveries".to_owned(), count, details }];
    let deals = deal::held(tx, &leads, &request.conversation_id).await?;
    if !deals.is_empty() {
        let count = i64::try_from(deals.len()).unwrap_or(i64::MAX);
        holdings.push(Holding { kind: "deals".to_owned(), count, details: Value::Array(deals).to_string() });
    }
    Ok(holdings)
}

fn leads(ids: &[String]) -> Result<Vec<Uuid>, Failure> {
    ids.iter()
        .map(|id| id.parse().map_err(|_| Failure::new(Class::Permanent, "the id of a lead is none")))
        .collect()
}
