//! Consumers: what pulls events, hands them to a handler in a transaction, and settles how that ended.

mod ahead;
mod batch;
mod failure;
mod guard;
mod in_hand;
mod pull;
mod replay;
mod spec;
mod work;

pub use spec::{Consumer, Runtime};
