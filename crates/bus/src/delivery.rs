use async_nats::header::{self as nats, HeaderMap, IntoHeaderName};
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
    /// Its place in the stream; 0 for what comes from the dead letters.
    pub(crate) sequence: u64,
}

/// A message as it stands in its stream.
pub(crate) struct Stored {
    /// The sequence of the message before it in the same answer, 0 for the first.
    pub(crate) before: u64,
    pub(crate) event: Delivery,
}

impl Delivery {
    /// Reads a message of ours. A message without an id is identified by its place in the stream, so that it
    /// too is handled once.
    pub(crate) fn read(message: &Message) -> Self {
        let info = message.info().ok();
        let sequence = info.as_ref().map_or(0, |info| info.stream_sequence);
        let attempt = info.and_then(|info| u32::try_from(info.delivered).ok()).unwrap_or(1);
        let (headers, payload) = (message.headers.as_ref(), message.payload.clone());
        Self::of(&message.subject, headers, payload, sequence, attempt)
    }

    /// Reads an answer to a direct get; none where it is not one.
    pub(crate) fn stored(answer: &async_nats::Message) -> Option<Stored> {
        let headers = answer.headers.as_ref();
        let number = |name| text(headers, name)?.parse::<u64>().ok();
        let (sequence, before) = (number(nats::NATS_SEQUENCE)?, number(nats::NATS_LAST_SEQUENCE)?);
        let subject = text(headers, nats::NATS_SUBJECT)?;
        let event = Self::of(subject, headers, answer.payload.clone(), sequence, 1);
        Some(Stored { before, event })
    }

    fn of(subject: &str, headers: Option<&HeaderMap>, payload: Bytes, sequence: u64, attempt: u32) -> Self {
        let id =
            EventId(text(headers, header::ID).map_or_else(|| format!("{subject}#{sequence}"), str::to_owned));
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
            subject: subject.to_owned(),
            key: key_of(subject),
            trail,
            occurred_at_ms: text(headers, header::OCCURRED).and_then(|v| v.parse().ok()).unwrap_or_default(),
            payload,
            attempt,
            sequence,
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

fn text(headers: Option<&HeaderMap>, name: impl IntoHeaderName) -> Option<&str> {
    headers?.get(name).map(async_nats::HeaderValue::as_str)
}
