//! Nudges on core NATS: nothing keeps them, and nothing may depend on their arrival.

use prost::Message;

use crate::message::llm::AnswerDraft;

/// The bot does not want the answer to a question any more. The payload is its `request_id`, as text.
pub const SUPERSEDED: &str = "signal.bot.model.superseded";

/// An answer has grown. The payload is an [`AnswerDraft`].
pub const DRAFTED: &str = "signal.llm.answer.drafted";

impl AnswerDraft {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// `None` where it is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}
