//! `faq.yml`: questions, how people put them, and their answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Localized, LocalizedList, MenuButton};

/// The whole of `faq.yml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub entries: Vec<FaqEntry>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaqEntry {
    /// Letters, digits and dashes; at most 40.
    pub id: String,
    pub category: String,
    /// As it would be printed; it also counts as a pattern.
    pub question: Localized,
    pub answer: Localized,
    /// Other ways to put the question, in whole phrases. Word forms and order do not matter.
    #[serde(default)]
    pub patterns: LocalizedList,
    /// Words or short phrases that by themselves are this question.
    #[serde(default)]
    pub keywords: LocalizedList,
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub buttons: Vec<Vec<MenuButton>>,
}
