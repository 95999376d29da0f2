//! `faq.yml`: questions, how people put them, and their answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Lang, Localized, LocalizedList, MenuButton};

/// The whole of `faq.yml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    /// Words that mean the same, in groups: whoever writes one of them is understood as if they had written any other.
    /// A member may be a phrase of up to four words.
    #[serde(default)]
    pub synonyms: BTreeMap<Lang, Vec<Vec<String>>>,
    /// What people also write and no entry answers, as phrases: whatever is like them goes to the model, even where it
    /// shares a word with a question.
    #[serde(default)]
    pub nothing: LocalizedList,
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
    /// The question in a few words, for a button: where the bot is not sure which of two is meant, it asks.
    /// Without it the question stands there, cut short.
    #[serde(default)]
    pub label: Option<Localized>,
    pub answer: Localized,
    /// Other answers, each for a part of the chats: an experiment.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub variants: Vec<Variant>,
    /// Other ways to put the question, in whole phrases. Word forms and order do not matter.
    #[serde(default)]
    pub patterns: LocalizedList,
    /// Words or short phrases that by themselves are this question.
    #[serde(default)]
    pub keywords: LocalizedList,
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub buttons: Vec<Vec<MenuButton>>,
}

/// Another answer to a question. A chat always gets the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Letters, digits and dashes; at most 40.
    pub id: String,
    /// How many chats in a hundred get it. What the variants leave gets the entry's own answer.
    pub weight: u32,
    pub answer: Localized,
}
