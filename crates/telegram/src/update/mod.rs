//! Updates: enough of one to route it ([`peek`]), or all of it as one message type ([`normalise`]).
//!
//! Both read the same outer object, so they always agree on the id, the kind and the chat. Neither fails
//! for a kind, a field or a shape that is not known yet: what can not be understood becomes
//! [`What::Other`] or [`What::Unreadable`], and whoever holds the raw JSON keeps it.

mod business;
mod button;
mod command;
mod entity;
mod envelope;
mod incoming;
mod kind;
mod member;
mod message;
mod normalise;
mod peek;
mod person;
mod reaction;
mod service_message;
mod what;
mod wire;

pub use entity::{Entity, EntityKind, Words};
pub use envelope::ParseError;
pub use incoming::{ChatKind, ChatRef, Forward, ForwardOrigin, Incoming, ReplyTo};
pub use kind::UpdateKind;
pub use normalise::normalise;
pub use peek::{Peek, peek};
pub use person::Person;
pub use what::{Contact, FileKind, IncomingFile, Location, Membership, Reaction, TopicEvent, What};
