//! How full a stream is, and making room in it.
//!
//! A stream has a limit in bytes, so that a service that is not listened to fills its own stream and not the
//! disk of all. At the limit JetStream refuses new events (`DiscardPolicy::New`) and nothing is lost: the
//! gateway answers 503 and Telegram repeats the update, outboxes keep their rows, polls are made again. The
//! other policy would drop the oldest events, and in a stream that fills because nobody handles it those are
//! the ones that are still to be handled. What everybody has handled is kept only to be looked at, so that is
//! what goes first, well before the limit.

mod listeners;
mod purge;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::stream::{State, Stream};
use events::stream_name;
use tokio::sync::OwnedMutexGuard;

use crate::{Bus, BusError};

pub use purge::Purged;

/// The usual limit: 2 GiB, a million updates and more. Five streams of that fit into the smallest store that
/// NATS is commonly given (10 GiB); the server refuses streams that it can not promise their limits.
pub const MAX_STREAM_BYTES: u64 = 2 << 30;

/// Room is made from this share of the limit on, until the next smaller one is left.
const FULL: (u64, u64) = (3, 4);
const FREED: (u64, u64) = (1, 2);
/// Above this share somebody has to see to it: the alert `StreamNearlyFull` begins here too.
const DANGER: (u64, u64) = (9, 10);

/// How long events are kept that no durable consumer is there for. Nobody wants them, and a stream of a service
/// that nobody listens to (`EV_CRM` without bot and analytics) would stop its publisher in the end. But the first
/// publisher may be up before the first consumer was ever declared, and what it says is meant for that one.
const UNHEARD: Duration = Duration::from_secs(24 * 60 * 60);

/// How full a stream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// `EV_GATEWAY`
    pub stream: String,
    pub bytes: u64,
    /// `None`: as much as the server has.
    pub limit: Option<u64>,
    /// Why fewer events could be removed than are too many; `None` where enough could, or none are.
    pub held: Option<Held>,
}

impl Room {
    /// Whether the limit is so near that somebody has to see to it.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.bytes > part(limit, DANGER))
    }
}

/// Why the oldest events of a stream stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The durable consumer that is the furthest behind, and how many events it has not acknowledged yet.
    Behind { consumer: String, waiting: u64 },
    /// This one did not tell how far it is.
    Unanswered { consumer: String },
    /// The server counts more consumers than it names.
    Unnamed { counted: usize, named: usize },
    /// There is no durable consumer, and the events are too young to be given up.
    Unheard,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { consumer, waiting } => write!(
                f,
                "the consumer {consumer} has {waiting} events before it; run its service, or remove it if nobody runs it any more"
            ),
            Self::Unanswered { consumer } => write!(f, "the consumer {consumer} does not tell how far it is"),
            Self::Unnamed { counted, named } => {
                write!(f, "NATS counts {counted} consumers and names {named} of them")
            }
            Self::Unheard => {
                write!(f, "no durable consumer was declared yet, and the events are younger than a day")
            }
        }
    }
}

/// The services whose streams were declared through a connection, and whose turn it is to look after them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    services: Arc<Mutex<BTreeSet<String>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Declared {
    pub(crate) fn add(&self, service: &str) {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned());
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

impl Bus {
    /// The services whose streams this connection publishes to or reads.
    #[must_use]
    pub fn declared(&self) -> Vec<String> {
        self.declared.services.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Waits until nobody else who shares the connection looks after its streams.
    pub async fn turn_to_make_room(&self) -> OwnedMutexGuard<()> {
        self.declared.turn.clone().lock_owned().await
    }

    /// Removes the oldest events from a service's stream that is nearly full, as far as every durable consumer
    /// has acknowledged them; where there is none, those that are older than a day at `now_ms` (milliseconds since
    /// 1970). Nothing is removed while one consumer does not tell how far it is. Tells how full the stream was,
    /// and what kept events in it.
    pub async fn make_room(&self, service: &str, now_ms: i64) -> Result<Room, BusError> {
        let name = stream_name(service);
        let failed = |source: Source| BusError::Room { name: name.clone(), source };
        let stream = self.js.get_stream(&name).await.map_err(|e| failed(Box::new(e)))?;
        let (state, config) = (&stream.cached_info().state, &stream.cached_info().config);
        let limit = u64::try_from(config.max_bytes).ok().filter(|l| *l > 0);
        let mut room = Room { stream: name.clone(), bytes: state.bytes, limit, held: None };
        let Some(surplus) = limit.and_then(|limit| surplus(state, limit)) else { return Ok(room) };
        // The first that is wanted, and by whom.
        let (wanted, by) = match listeners::asked(&stream, state).await.map_err(failed)? {
            Ok(Some(least)) => (least.through + 1, least.held()),
            Ok(None) => {
                let cutoff_ms = now_ms.saturating_sub(UNHEARD.as_millis() as i64);
                (younger(&stream, state, surplus, cutoff_ms).await.map_err(failed)?, Held::Unheard)
            }
            Err(unsure) => (state.first_sequence, unsure),
        };
        room.held = (wanted < surplus).then_some(by);
        // The first that stays.
        let first = surplus.min(wanted);
        if first > state.first_sequence {
            let removed = stream.purge().sequence(first).await.map_err(|e| failed(Box::new(e)))?.purged;
            tracing::info!(stream = %name, removed, bytes = state.bytes, "room was made: the oldest events are removed");
        }
        Ok(room)
    }
}

fn part(limit: u64, (of, whole): (u64, u64)) -> u64 {
    limit / whole * of
}

/// The sequence up to which the oldest events are too many, if the stream is nearly full. Events are taken to be
/// of one size.
fn surplus(state: &State, limit: u64) -> Option<u64> {
    if state.bytes <= part(limit, FULL) {
        return None;
    }
    let excess = u128::from(state.bytes - part(limit, FREED));
    let count = (u128::from(state.messages) * excess).div_ceil(u128::from(state.bytes));
    Some(state.first_sequence.saturating_add(u64::try_from(count).unwrap_or(u64::MAX)))
}

/// The first sequence below `end` that was not stored before `cutoff_ms`, else `end`. A search by halves: times
/// grow with sequences, and JetStream is asked for a single message at a time.
async fn younger(stream: &Stream, state: &State, end: u64, cutoff_ms: i64) -> Result<u64, Source> {
    let (mut low, mut high) = (state.first_sequence, end);
    while low < high {
        let middle = low + (high - low) / 2;
        match listeners::next(stream, ">", middle).await? {
            // In a gap the next event stands for what is missing.
            Some(event) if event.time.unix_timestamp_nanos() / 1_000_000 < i128::from(cutoff_ms) => {
                low = event.sequence + 1;
            }
            _ => high = middle,
        }
    }
    Ok(low.min(end))
}
