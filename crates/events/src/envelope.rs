use ids::{EventId, TraceParent};

use crate::{Event, Key, Subject};

/// The headers of an event.
pub mod header {
    /// The event's id; also what JetStream drops repetitions by.
    pub const ID: &str = "Nats-Msg-Id";
    pub const TRACE: &str = "traceparent";
    /// The first event of the chain this one belongs to.
    pub const CORRELATION: &str = "correlation-id";
    /// The event that led to this one.
    pub const CAUSATION: &str = "causation-id";
    /// Unix milliseconds.
    pub const OCCURRED: &str = "occurred-at";
}

/// Where a piece of work comes from: what its events, jobs and logs carry on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    pub trace: TraceParent,
    pub correlation: EventId,
    pub causation: Option<EventId>,
}

impl Trail {
    /// The trail of what nobody caused: an update from outside, a timer.
    #[must_use]
    pub const fn start(trace: TraceParent, id: EventId) -> Self {
        Self { trace, correlation: id, causation: None }
    }

    /// The trail of what the event `id` on this trail causes.
    #[must_use]
    pub fn caused_by(&self, id: &EventId) -> Self {
        Self { trace: self.trace, correlation: self.correlation.clone(), causation: Some(id.clone()) }
    }
}

/// An event ready to be published.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub id: EventId,
    pub subject: Subject,
    pub key: Key,
    pub trail: Trail,
    /// Unix milliseconds.
    pub occurred_at_ms: i64,
    pub payload: Vec<u8>,
}

impl Envelope {
    #[must_use]
    pub fn new<E: Event>(id: EventId, key: Key, trail: Trail, occurred_at_ms: i64, event: &E) -> Self {
        Self {
            id,
            subject: Subject::new(E::NAME, &key),
            key,
            trail,
            occurred_at_ms,
            payload: event.encode_to_vec(),
        }
    }
}
