//! Events over NATS JetStream, exactly to the project's one invariant: streams and consumers declared in
//! code, an outbox written in the transaction that changes state, an inbox written in the transaction of
//! the effects, ordered and work consumers, dead letters.

mod address;
mod connection;
mod consume;
mod dead_letter;
mod delivery;
mod erase;
mod error;
mod handler;
mod inbox;
pub mod outbox;
mod person;
mod publish;
mod tail;
mod topology;

pub use connection::{Bus, BusSettings};
pub use consume::{Consumer, Runtime};
pub use dead_letter::{DeadLetter, count as count_dead_letters, discard, list, replay, unanswered};
pub use delivery::Delivery;
pub use erase::{ErasedRows, erase_keys, erase_mentions};
pub use error::BusError;
pub use handler::{BatchHandler, WorkHandler};
pub use inbox::purge as purge_inbox;
pub use person::{PersonRequest, answer_about_person, erased_parts};
pub use publish::Published;
pub use topology::{Held, Lag, MAX_STREAM_BYTES, Purged, Room};
