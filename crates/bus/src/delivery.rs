use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use bytes::Bytes;
use classify::{Class, Failure};
use events::{Event, Key, Subject, Trail, header};
use ids::{EventId, TraceParent};

/// An event as a handler sees it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: EventId,
    pub subject: String,
    /// What orders it: events of one key arrive one after the other.
    pub key: Key,
    pub trail: Trail,
    /// Unix milliseconds.
    pub occurred_at_ms: i64,
    pub payload: Bytes,
    /// How often it has been delivered, this time included.
    pub attempt: u32,
}

impl Delivery {
    /// Reads a message of ours. A message without an id is identified by its place in the stream, so that it
    /// too is handled once.
    pub(crate) fn read(message: &Message) -> Self {
        let headers = message.headers.as_ref();
        let info = message.info().ok();
        let sequence = info.as_ref().map_or(0, |info| info.stream_sequence);
        let id = EventId(
            text(headers, header::ID)
                .map_or_else(|| format!("{}#{sequence}", message.subject), str::to_owned),
        );
        let trace = text(headers, header::TRACE)
            .and_then(|value| value.parse::<TraceParent>().ok())
            .unwrap_or_else(|| TraceParent::new(u128::from(sequence), sequence));
        let trail = Trail {
            trace,
            correlation: text(headers, header::CORRELATION)
                .map_or_else(|| id.clone(), |v| EventId(v.to_owned())),
            causation: text(headers, header::CAUSATION).map(|v| EventId(v.to_owned())),
        };
        Self {
            subject: message.subject.to_string(),
            key: key_of(&message.subject),
            trail,
            occurred_at_ms: text(headers, header::OCCURRED).and_then(|v| v.parse().ok()).unwrap_or_default(),
            payload: message.payload.clone(),
            attempt: info.and_then(|info| u32::try_from(info.delivered).ok()).unwrap_or(1),
            id,
        }
    }

    /// The event's name: `<service>.<aggregate>.<event>`; empty where the subject is not one of ours.
    #[must_use]
    pub fn name(&self) -> &str {
        Subject::split(&self.subject).map_or("", |(name, _)| name)
    }

    /// The message inside. One that can not be read will never be: the failure is permanent.
    pub fn decode<E: Event>(&self) -> Result<E, Failure> {
        E::decode(self.payload.clone())
            .map_err(|error| Failure::new(Class::Permanent, format!("this is not a {}: {error}", E::NAME)))
    }

    /// The trail of what this event causes.
    #[must_use]
    pub fn trail_of_effects(&self) -> Trail {
        self.trail.caused_by(&self.id)
    }
}

pub(crate) fn key_of(subject: &str) -> Key {
    Key::of(Subject::split(subject).map_or("_", |(_, key)| key))
}

fn text<'a>(headers: Option<&'a HeaderMap>, name: &str) -> Option<&'a str> {
    headers?.get(name).map(async_nats::HeaderValue::as_str)
}
