//! Streams and consumers, declared in code. Declaring creates what is missing and corrects what has drifted;
//! what the server keeps differently all the same is an error.

mod consumer;
mod lag;
mod stream;

pub(crate) use consumer::Durable;
pub use lag::Lag;
