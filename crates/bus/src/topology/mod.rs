//! Streams and consumers, declared in code. Declaring creates what is missing and corrects what has drifted;
//! what the server keeps differently all the same is an error.

mod consumer;
mod lag;
mod room;
mod stream;

pub(crate) use consumer::Durable;
pub use lag::Lag;
pub(crate) use room::Declared;
pub use room::{Held, MAX_STREAM_BYTES, Purged, Room};
