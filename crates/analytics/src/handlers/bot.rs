use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::bot::{
    ConversationStarted, FlowMoved, HandoffRequested, LeadCaptured, ModelRequested, SendsCompleted,
};
use pg::PgConnection;

use super::{at, id};
use crate::store::{conversation, lead, model, send};

/// Facts of conversations.
pub(crate) struct BotFacts;

#[async_trait]
impl BatchHandler for BotFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<(), Failure> {
        let mut sends = Vec::new();
        for event in batch {
            match event.name() {
                SendsCompleted::NAME => sends.extend(read_sends(event)?),
                ConversationStarted::NAME => {
                    let fact: ConversationStarted = event.decode()?;
                    conversation::started(tx, id(&fact.conversation_id)?, at(fact.at_ms), &fact).await?;
                }
                FlowMoved::NAME => {
                    let fact: FlowMoved = event.decode()?;
                    conversation::flow_moved(tx, &event.id, id(&fact.conversation_id)?, at(fact.at_ms), &fact).await?;
                }
                HandoffRequested::NAME => {
                    let fact: HandoffRequested = event.decode()?;
                    conversation::handoff(tx, &event.id, id(&fact.conversation_id)?, at(fact.at_ms), &fact).await?;
                }
                LeadCaptured::NAME => {
                    let fact: LeadCaptured = event.decode()?;
                    lead::captured(tx, id(&fact.lead_id)?, id(&fact.conversation_id)?, at(fact.at_ms), &fact).await?;
                }
                ModelRequested::NAME => {
                    let fact: ModelRequested = event.decode()?;
                    let asked_at = at(event.occurred_at_ms);
                    model::requested(tx, id(&fact.request_id)?, id(&fact.conversation_id)?, &fact.bot, asked_at)
                        .await?;
                }
                _ => {}
            }
        }
        send::insert(tx, &sends).await?;
        Ok(())
    }
}

fn read_sends(event: &Delivery) -> Result<Vec<send::Send>, Failure> {
    let fact: SendsCompleted = event.decode()?;
    let read = |s: events::message::bot::Send| {
        Ok(send::Send {
            conversation_id: id(&s.conversation_id)?,
            bot: s.bot,
            source: s.source,
            outcome: s.outcome,
            received_at: (s.received_at_ms > 0).then(|| at(s.received_at_ms)),
            sent_at: at(s.sent_at_ms),
        })
    };
    fact.sends.into_iter().map(read).collect()
}
