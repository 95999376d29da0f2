//! What people and bots do to each other: the acts behind the Bot API and the control API.

mod act;
mod deliver;
mod groups;
mod media;
mod members;
mod messages;
mod reactions;
mod stops;

pub(crate) use act::ActError;
pub(crate) use media::NewMedia;
pub(crate) use messages::{NewMessage, Place};
