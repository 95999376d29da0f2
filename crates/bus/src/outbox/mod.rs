//! Events that a transaction decides to publish: written with the state they tell of, published after the
//! commit, deleted once acknowledged.

mod put;
mod relay;

pub use put::put;
pub use relay::Relay;
