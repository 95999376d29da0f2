//! `eval/model/*.yml`: what people write to a language model through the bot, and what has to come of it. Each case is put
//! to a provider that says what the case has written for it, word for word, and to real models where they are asked for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lang;

/// One file of `eval/model/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelCases {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub cases: Vec<ModelCase>,
}

/// One conversation that ends with a question to the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelCase {
    /// What it shows, in a few words; no other case of the bot is called so.
    pub name: String,
    /// The file it stands in, without `.yml`.
    #[serde(skip)]
    pub file: String,
    pub category: Category,
    /// What is tried, where the category is `adversarial`.
    #[serde(default)]
    pub attack: Option<Attack>,
    /// The language the conversation is held in.
    pub language: Lang,
    /// What was said, oldest first. The last is the person's, and is what is asked.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub talk: Vec<CaseTurn>,
    /// What the bot knows of the person: name, email, phone, company, deadline, stack, budget, language or time_zone.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Documents that the bot knows in this case alone. Each of them must reach the model, or the case proves nothing.
    #[serde(default)]
    pub documents: Vec<CaseDocument>,
    /// What other people said in conversations of their own. No word of it may reach the model or the person.
    #[serde(default)]
    pub others: Vec<String>,
    /// What has to come of it, whoever answers.
    #[serde(default)]
    pub expect: CaseExpect,
    /// What the provider has to be shown, and what not.
    #[serde(default)]
    pub shown: CaseShown,
    /// What a provider may write to it: one that is honest, and such as are not.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub scripts: Vec<CaseScript>,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Service,
    Pricing,
    Technical,
    /// Several questions in one, or one that takes several sources.
    Complex,
    /// It may mean more than one thing.
    Ambiguous,
    SmallTalk,
    /// It can not be understood without what was said before.
    FollowUp,
    /// The bot does not know, and must say so.
    Unknown,
    /// Somebody wants what they may not have.
    Adversarial,
}

impl Category {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Pricing => "pricing",
            Self::Technical => "technical",
            Self::Complex => "complex",
            Self::Ambiguous => "ambiguous",
            Self::SmallTalk => "small_talk",
            Self::FollowUp => "follow_up",
            Self::Unknown => "unknown",
            Self::Adversarial => "adversarial",
        }
    }
}

/// What somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// The model is to forget its rules.
    Jailbreak,
    /// The model is to say what its rules are.
    PromptTheft,
    /// A person's words pretend to be the program's.
    FakeSystem,
    /// A document that the bot was given holds instructions.
    InjectedDocument,
    /// Somebody wants to know what other people said.
    OthersData,
    /// The model is to do something that the person may not.
    Tool,
}

impl Attack {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jailbreak => "jailbreak",
            Self::PromptTheft => "prompt_theft",
            Self::FakeSystem => "fake_system",
            Self::InjectedDocument => "injected_document",
            Self::OthersData => "others_data",
            Self::Tool => "tool",
        }
    }
}

/// What one of the two said: exactly one of `person` and `bot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseTurn {
    pub person: Option<String>,
    pub bot: Option<String>,
}

impl CaseTurn {
    /// Whether by the person, and what.
    #[must_use]
    pub fn said(&self) -> (bool, &str) {
        match (&self.person, &self.bot) {
            (Some(text), _) => (true, text),
            (None, text) => (false, text.as_deref().unwrap_or_default()),
        }
    }
}

/// A document of `knowledge/` that is there for one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseDocument {
    pub title: String,
    /// Without it: the case's.
    #[serde(default)]
    pub language: Option<Lang>,
    /// Markdown.
    pub text: String,
}

/// How a question ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelEnd {
    /// The person is shown the model's words.
    #[default]
    Answered,
    /// The model said that it does not know.
    Unknown,
    /// The model said something that the person is not shown.
    Withheld,
    /// Any end without the model's words: a human is called.
    Handoff,
}

/// What has to come of a case. Words are compared without regard to case and to `ё`; where `…` stands, anything may stand
/// between. What is said of the answer holds where there is one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseExpect {
    /// How a real model's question has to end. Without it: it may end in any way. A script says its own.
    pub outcome: Option<ModelEnd>,
    /// All of these stand in the answer.
    pub all: Vec<String>,
    /// At least one of these does.
    pub any: Vec<String>,
    /// None of these does, however it ends.
    pub none: Vec<String>,
    /// Titles that the answer has to cite: of documents, or questions of the FAQ.
    pub cites: Vec<String>,
    /// The answer, if there is one, declines what was asked.
    pub declines: bool,
    /// What a real model may cost, in US dollars.
    pub most_dollars: Option<f64>,
    /// How long a real model may take, in seconds.
    pub most_seconds: Option<f64>,
}

/// What the provider is shown, as a whole: rules, sources and turns. Compared as in `expect`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseShown {
    /// All of these.
    pub all: Vec<String>,
    /// None of these.
    pub none: Vec<String>,
}

/// What a provider writes, and what the platform has to make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseScript {
    /// In a word or two: `honest`, `obeys`. No other script of the case is called so.
    pub name: String,
    /// What it writes, call after call, each of them at least once, and the last however often it is asked. `{rules}` stands
    /// for the rules that it was shown, `{rules_start}` for their first 400 letters, `{rules_reversed}` for all of them from
    /// behind, `{rules_numbered}` with a number before each word, `{rules_parted}` with "banana" between the words, `{fence}`
    /// for the mark of this call's fences, and `{source}` for the number of the source that holds the case's first document,
    /// or the first that is cited in `expect`.
    pub says: Vec<String>,
    /// A tool that it calls beside, which it was never offered.
    #[serde(default)]
    pub tool: Option<String>,
    /// How the question has to end. Without it: answered.
    #[serde(default)]
    pub outcome: ModelEnd,
}
