//! `experiments.yml`: which prompts are tried against each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole of `experiments.yml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiments {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub experiments: Vec<Experiment>,
}

/// Variants of one prompt, each for a part of the conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Letters, digits and dashes; at most 40. Another name deals every conversation anew.
    pub id: String,
    /// The prompt that is tried: `system`, `consultation`, `qualification`, `support` or `handover`.
    pub prompt: String,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub variants: Vec<PromptVariant>,
}

/// Another text of the prompt, in `prompts/PROMPT.ID.md`. A conversation always gets the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptVariant {
    /// Letters, digits and dashes; at most 40.
    pub id: String,
    /// How many conversations in a hundred get it. What the variants leave gets the prompt itself.
    pub weight: u32,
}
