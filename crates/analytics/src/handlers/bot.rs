use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::Event;
use events::message::bot::{
    ConversationStarted, FileChecked, FlowMoved, HandoffRequested, LeadCaptured, ModelRequested,
    SendsCompleted,
};
use pg::{AfterCommit, PgConnection};

use super::{at, id};
use crate::store::conversation::{self, Flow, Handoff, Started};
use crate::store::file::{self, Checked};
use crate::store::lead::{self, Lead};
use crate::store::model::{self, Requested};
use crate::store::send::{self, Send};

/// Facts of conversations.
pub(crate) struct BotFacts;

/// The facts of a batch, each kind to be written in one statement.
#[derive(Default)]
struct Facts {
    started: Vec<Started>,
    flows: Vec<Flow>,
    handoffs: Vec<Handoff>,
    leads: Vec<Lead>,
    files: Vec<Checked>,
    requests: Vec<Requested>,
    sends: Vec<Send>,
}

#[async_trait]
impl BatchHandler for BotFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut facts = Facts::default();
        for event in batch {
            facts.read(event)?;
        }
        conversation::started(tx, &facts.started).await?;
        conversation::flow_moved(tx, &facts.flows).await?;
        conversation::handoff(tx, &facts.handoffs).await?;
        lead::captured(tx, &facts.leads).await?;
        file::checked(tx, &facts.files).await?;
        model::requested(tx, &facts.requests).await?;
        send::insert(tx, &facts.sends).await?;
        Ok(AfterCommit::nothing())
    }
}

impl Facts {
    fn read(&mut self, event: &Delivery) -> Result<(), Failure> {
        match event.name() {
            ConversationStarted::NAME => {
                let ConversationStarted { conversation_id, bot, chat_kind, language, start_payload, at_ms } =
                    event.decode()?;
                let (conversation_id, at) = (id(&conversation_id)?, at(at_ms)?);
                let start_payload = link_payload(start_payload);
                self.started.push(Started { conversation_id, bot, chat_kind, language, start_payload, at });
            }
            FlowMoved::NAME => {
                let FlowMoved { conversation_id, bot, flow, movement, at_ms } = event.decode()?;
                let (conversation_id, at) = (id(&conversation_id)?, at(at_ms)?);
                self.flows.push(Flow {
                    event_id: event.id.clone(),
                    conversation_id,
                    bot,
                    flow,
                    movement,
                    at,
                });
            }
            HandoffRequested::NAME => {
                let HandoffRequested { conversation_id, bot, reason, at_ms, follow_up, .. } =
                    event.decode()?;
                let (conversation_id, at) = (id(&conversation_id)?, at(at_ms)?);
                // The same request told in more words.
                if !follow_up {
                    self.handoffs.push(Handoff {
                        event_id: event.id.clone(),
                        conversation_id,
                        bot,
                        reason,
                        at,
                    });
                }
            }
            LeadCaptured::NAME => {
                let lead: LeadCaptured = event.decode()?;
                self.leads.push(Lead {
                    lead_id: id(&lead.lead_id)?,
                    conversation_id: id(&lead.conversation_id)?,
                    bot: lead.bot,
                    temperature: lead.temperature,
                    score: lead.score,
                    at: at(lead.at_ms)?,
                });
            }
            FileChecked::NAME => {
                let file: FileChecked = event.decode()?;
                self.files.push(Checked {
                    event_id: event.id.clone(),
                    file_id: id(&file.file_id)?,
                    conversation_id: id(&file.conversation_id)?,
                    bot: file.bot,
                    outcome: file.outcome,
                    media_type: file.media_type,
                    size_bytes: file.size_bytes,
                    at: at(file.at_ms)?,
                });
            }
            ModelRequested::NAME => {
                let request: ModelRequested = event.decode()?;
                self.requests.push(Requested {
                    request_id: id(&request.request_id)?,
                    conversation_id: id(&request.conversation_id)?,
                    bot: request.bot,
                    at: at(event.occurred_at_ms)?,
                });
            }
            SendsCompleted::NAME => {
                let completed: SendsCompleted = event.decode()?;
                for one in completed.sends {
                    self.sends.push(Send {
                        conversation_id: id(&one.conversation_id)?,
                        bot: one.bot,
                        source: one.source,
                        outcome: one.outcome,
                        received_at: (one.received_at_ms > 0).then(|| at(one.received_at_ms)).transpose()?,
                        sent_at: at(one.sent_at_ms)?,
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// What a start link can carry. A person may type anything behind `/start`, and that is no fact for us.
fn link_payload(text: String) -> String {
    let fits = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_link_can_carry_is_kept_of_a_start() {
        assert_eq!(link_payload("ads_2026-11".to_owned()), "ads_2026-11");
        assert_eq!(link_payload("my phone is +7 912".to_owned()), "");
    }
}
