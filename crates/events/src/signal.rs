//! Nudges on core NATS: nothing keeps them, and nothing may depend on their arrival.

/// The bot does not want the answer to a question any more. The payload is its `request_id`, as text.
pub const SUPERSEDED: &str = "signal.bot.model.superseded";
