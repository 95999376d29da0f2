//! An update on its way into JetStream: the one door for the webhook and the poller.

use bus::{Bus, BusError};
use classify::{Class, Classify};
use events::message::gateway::UpdateReceived;
use events::{Envelope, Trail};
use ids::{Clock, EventId, Ids, TraceParent};
use telegram::ParseError;

/// Turns updates into events and publishes them.
#[derive(Clone, Debug)]
pub(crate) struct Ingest {
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// Why an update was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IngestError {
    #[error("this is not an update of Telegram's")]
    NotAnUpdate(#[source] ParseError),
    #[error("the update could not be stored")]
    NotStored(#[from] BusError),
}

impl Classify for IngestError {
    fn class(&self) -> Class {
        match self {
            Self::NotAnUpdate(_) => Class::Invalid,
            // Whatever is wrong with the bus, the update itself is good and may come again.
            Self::NotStored(_) => Class::Transient,
        }
    }
}

impl Ingest {
    /// Publishes one update and returns once JetStream has it. An update that it had already is fine.
    pub(crate) async fn take(&self, bot: &str, raw: &[u8], trace: Option<TraceParent>) -> Result<(), IngestError> {
        let (envelope, kind) = self.envelope(bot, raw, trace)?;
        match self.bus.publish(envelope).await {
            Ok(published) => {
                count(bot, kind, if published.duplicate { "duplicate" } else { "stored" });
                Ok(())
            }
            Err(error) => {
                count(bot, kind, "failed");
                Err(error.into())
            }
        }
    }

    /// Publishes updates in their order per chat; one result each. An update that can not be read is kept
    /// whole as an unknown one of no chat, for it will not become readable by coming again.
    pub(crate) async fn take_all(&self, bot: &str, updates: &[(i64, &[u8])]) -> Vec<Result<(), BusError>> {
        let mut kinds = Vec::with_capacity(updates.len());
        let envelopes = updates
            .iter()
            .map(|(update_id, raw)| {
                let (envelope, kind) = self
                    .envelope(bot, raw, None)
                    .unwrap_or_else(|_| (self.unreadable(bot, *update_id, raw), "unknown"));
                kinds.push(kind);
                envelope
            })
            .collect();
        let results = self.bus.publish_all(envelopes).await;
        let mut taken = Vec::with_capacity(results.len());
        for (result, kind) in results.into_iter().zip(kinds) {
            let outcome = match &result {
                Ok(published) if published.duplicate => "duplicate",
                Ok(_) => "stored",
                Err(_) => "failed",
            };
            count(bot, kind, outcome);
            taken.push(result.map(|_| ()));
        }
        taken
    }

    fn envelope(
        &self,
        bot: &str,
        raw: &[u8],
        trace: Option<TraceParent>,
    ) -> Result<(Envelope, &'static str), IngestError> {
        let peek = telegram::peek(raw).map_err(IngestError::NotAnUpdate)?;
        let kind = peek.kind.name().to_owned();
        let event = self.event(bot, peek.update_id, kind, peek.chat_id.unwrap_or(0), raw);
        Ok((self.wrap(event, trace), peek.kind.label()))
    }

    fn unreadable(&self, bot: &str, update_id: i64, raw: &[u8]) -> Envelope {
        self.wrap(self.event(bot, update_id, "unknown".to_owned(), 0, raw), None)
    }

    fn event(&self, bot: &str, update_id: i64, kind: String, chat_id: i64, raw: &[u8]) -> UpdateReceived {
        UpdateReceived {
            bot: bot.to_owned(),
            update_id,
            kind,
            chat_id,
            raw: raw.to_vec(),
            received_at_ms: self.clock.now_ms(),
        }
    }

    fn wrap(&self, event: UpdateReceived, trace: Option<TraceParent>) -> Envelope {
        let id = EventId::of_update(&event.bot, event.update_id);
        let trail = Trail::start(trace.unwrap_or_else(|| self.ids.trace()), id.clone());
        Envelope::new(id, event.key(), trail, event.received_at_ms, &event)
    }
}

/// `kind` is a label, never a stranger's text.
fn count(bot: &str, kind: &'static str, outcome: &'static str) {
    metrics::counter!(
        "dragoman_updates_received_total", "bot" => bot.to_owned(), "kind" => kind, "outcome" => outcome
    )
    .increment(1);
}

