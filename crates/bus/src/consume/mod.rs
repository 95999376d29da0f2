//! Consumers: what pulls events, hands them to a handler in a transaction, and settles how that ended.

mod batch;
mod failure;
mod guard;
mod pull;
mod replay;
mod spec;
mod work;

pub use spec::{Consumer, Runtime};
