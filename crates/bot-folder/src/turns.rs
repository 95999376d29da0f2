//! `bot.yml`, `turns`: what belongs together, so that one thought gets one answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When messages of one person are answered together, and what an edit changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Turns {
    /// A question for the model is asked when the person has been quiet for so long. Milliseconds; 0: at once. What
    /// the FAQ, a flow or a button answers never waits.
    pub quiet_ms: u32,
    /// However fast somebody goes on writing, nothing is gathered for longer than this. Milliseconds.
    pub most_ms: u32,
    /// Messages that one answer is for, at most.
    pub most_messages: u32,
    /// Characters of them together, at most. A message of Telegram has 4096.
    pub most_chars: u32,
    /// For so many minutes an edited question has its answer changed in place; later it gets a new one.
    pub edit_minutes: u32,
}

impl Default for Turns {
    fn default() -> Self {
        Self { quiet_ms: 1_200, most_ms: 5_000, most_messages: 10, most_chars: 16_000, edit_minutes: 15 }
    }
}

impl Turns {
    /// Each number with its name and its bounds.
    pub(crate) const fn all(&self) -> [(&'static str, u32, u32, u32); 5] {
        [
            ("quiet_ms", self.quiet_ms, 0, 60_000),
            ("most_ms", self.most_ms, 0, 60_000),
            ("most_messages", self.most_messages, 1, 100),
            ("most_chars", self.most_chars, 1, 100_000),
            ("edit_minutes", self.edit_minutes, 0, 2_880),
        ]
    }
}
