//! What is written on the buttons and lines that the engine adds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Lang, Localized};

/// What is written on the buttons the engine adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Labels {
    pub skip: Localized,
    pub cancel: Localized,
    /// To the question before.
    pub back: Localized,
    /// Leaves an answer as it is.
    pub keep: Localized,
    /// Sends the answers.
    pub send: Localized,
    /// Offers to change one of them.
    pub change: Localized,
    pub resume: Localized,
    pub restart: Localized,
    /// Calls a human, beside a question that the person has trouble with.
    pub human: Localized,
    /// None of the answers that are offered.
    pub something_else: Localized,
    /// Gives the person's Telegram name as the way to reach them.
    pub use_telegram: Localized,
    /// Ends a question that waits for files.
    pub files_done: Localized,
    /// The languages' own names.
    pub languages: BTreeMap<Lang, String>,
    /// The line that stands before an answer's sources.
    pub sources: Localized,
    /// What the engine writes for the answer to a question that was skipped.
    pub skipped: Localized,
    /// Stands behind an answer that a summary shows only the beginning of: `… (passed on in full)`. Without it: `…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortened: Option<Localized>,
    /// Leads from a group into the private chat. Without it: the title of the flow that begins there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_private: Option<Localized>,
}
