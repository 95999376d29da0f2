//! What a bot puts under the composer: buttons, their removal, or a demand to reply.

use serde::Serialize;
use serde_json::Value;

/// A reply markup that is not an inline keyboard, as the bot wrote it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Keyboard(pub(crate) Value);

impl Keyboard {
    pub(crate) fn is_removal(&self) -> bool {
        self.0.get("remove_keyboard").is_some()
    }

    pub(crate) fn is_one_time(&self) -> bool {
        self.0.get("one_time_keyboard").and_then(Value::as_bool) == Some(true)
            || self.0.get("force_reply").is_some()
    }
}
