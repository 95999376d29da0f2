//! What conversations wait for, as the jobs carry it that come back to them.

use ids::RequestId;
use serde::{Deserialize, Serialize};

/// The queue of [`Deadline`].
pub(crate) const DEADLINE: &str = "bot.model-deadline";

/// Sees to it that a person is not left waiting when no answer of a model comes at all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deadline {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) request_id: RequestId,
    /// When the update that asked had reached the gateway. Unix milliseconds; 0 in jobs of older versions.
    #[serde(default)]
    pub(crate) received_at_ms: i64,
}

/// The queue of [`Quiet`].
pub(crate) const QUIET: &str = "bot.quiet";

/// The moment until which more of a turn was waited for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Quiet {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) turn: RequestId,
    pub(crate) due_ms: i64,
    /// When the update that opened the turn had reached the gateway. Unix milliseconds.
    pub(crate) received_at_ms: i64,
}

/// The queue of [`Reminder`].
pub(crate) const REMINDER: &str = "bot.reminder";

/// Comes back to a flow that may have been left unfinished.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reminder {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) run: u32,
}
