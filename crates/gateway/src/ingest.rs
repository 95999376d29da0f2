//! An update on its way into JetStream: the one door for the webhook and the poller.

use bus::{Bus, BusError, Published};
use classify::{Class, Classify};
use events::message::gateway::UpdateReceived;
use events::{Envelope, Trail};
use ids::{Clock, EventId, Ids, TraceParent};
use telegram::{ParseError, Peek};

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
    /// Makes the counters of a bot known: whether one that hears nothing has fallen silent can be told only of a
    /// counter that is there.
    pub(crate) fn expect(bot: &str) {
        received(bot, "message", "stored").increment(0);
    }

    /// Publishes one update and returns once JetStream has it. An update that it had already is fine.
    pub(crate) async fn take(&self, bot: &str, raw: &[u8], trace: TraceParent) -> Result<(), IngestError> {
        let peek = telegram::peek(raw).map_err(IngestError::NotAnUpdate)?;
        let result = self.bus.publish(self.envelope(bot, &peek, raw, trace)).await;
        count(bot, &peek, &result);
        result?;
        Ok(())
    }

    /// Publishes updates that were read, in their order per chat; one result each.
    pub(crate) async fn take_all(&self, bot: &str, updates: &[(Peek, &[u8])]) -> Vec<Result<(), BusError>> {
        let envelopes =
            updates.iter().map(|(peek, raw)| self.envelope(bot, peek, raw, self.ids.trace())).collect();
        let results = self.bus.publish_all(envelopes).await;
        let counted = results.into_iter().zip(updates).map(|(result, (peek, _))| {
            count(bot, peek, &result);
            result.map(drop)
        });
        counted.collect()
    }

    fn envelope(&self, bot: &str, peek: &Peek, raw: &[u8], trace: TraceParent) -> Envelope {
        let id = EventId::of_update(bot, peek.update_id);
        let event = UpdateReceived {
            bot: bot.to_owned(),
            update_id: peek.update_id,
            // A kind of a later Bot API is "unknown"; its name stands in the update itself.
            kind: peek.kind.label().to_owned(),
            chat_id: peek.chat_id.unwrap_or(0),
            raw: raw.to_vec(),
            received_at_ms: self.clock.now_ms(),
        };
        let trail = Trail::start(trace, id.clone());
        Envelope::new(id, event.key(), trail, event.received_at_ms, &event)
    }
}

fn count(bot: &str, peek: &Peek, result: &Result<Published, BusError>) {
    let outcome = match result {
        Ok(published) if published.duplicate => "duplicate",
        Ok(_) => "stored",
        Err(_) => "failed",
    };
    received(bot, peek.kind.label(), outcome).increment(1);
}

fn received(bot: &str, kind: &'static str, outcome: &'static str) -> metrics::Counter {
    metrics::counter!(
        "dragoman_updates_received_total",
        "bot" => bot.to_owned(), "kind" => kind, "outcome" => outcome
    )
}
