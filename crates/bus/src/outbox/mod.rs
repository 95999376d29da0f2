//! Events that a transaction decides to publish: written with the state they tell of, published after the
//! commit, deleted once acknowledged.

mod put;
mod relay;

use pg::Wake;

pub use relay::Relay;

/// A service's outbox, as the transactions of this process see it.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// Heard by the relay of this process.
    written: Wake,
}
