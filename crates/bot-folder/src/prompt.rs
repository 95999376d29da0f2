//! `prompts/*.md`: what a language model is told before the conversation, as templates with declared variables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Bot, Lang, Localized};

/// What a conversation is about at the moment; each has a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromptContext {
    /// Whatever is none of the others. Its template stands above theirs: who speaks, and what always holds.
    Base,
    /// What is offered, and what of it suits the person.
    Consultation,
    /// The person is in the middle of what makes a lead.
    Qualification,
    /// Something does not work.
    Support,
    /// A human takes over and is told what was said.
    Handover,
}

impl PromptContext {
    pub const ALL: [Self; 5] =
        [Self::Base, Self::Consultation, Self::Qualification, Self::Support, Self::Handover];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Consultation => "consultation",
            Self::Qualification => "qualification",
            Self::Support => "support",
            Self::Handover => "handover",
        }
    }

    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.as_str() == word)
    }

    /// The file of a bot's folder that is its template, without `.md`. That of the base is the bot's persona.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Base => "system",
            _ => self.as_str(),
        }
    }
}

/// A template. A version of it never changes: another text is another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prompt {
    /// The file's name without `.md`; of a variant `consultation.b`.
    pub id: String,
    pub title: String,
    /// Counted by the author; recorded with every answer the model gives.
    pub version: u32,
    /// Markdown, without the front matter. What stands in braces is filled in: one of [`Prompt::PLACEHOLDERS`],
    /// or one of `variables`.
    pub body: String,
    /// By their names.
    pub variables: BTreeMap<String, Variable>,
    /// It is the program's own, which a bot has that has none.
    pub is_default: bool,
}

/// Something that a template leaves to the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Variable {
    /// `prompt_variables` of `bot.yml` must give it a value. It has no default then.
    pub required: bool,
    /// What stands there where `bot.yml` gives it none.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub default: Localized,
}

impl Prompt {
    /// What can stand in braces in any prompt; it is filled from the persona and the conversation.
    pub const PLACEHOLDERS: [&str; 6] = ["bot", "role", "tone", "do", "dont", "language"];

    /// Reads one file. `None` where it can not be read; why, only the folder's own check says.
    #[must_use]
    pub fn read(id: &str, text: &str) -> Option<Self> {
        crate::load::prompt(id, text)
    }

    /// What an answer is recorded with: `system@3`, `consultation@1#b` of a variant, `consultation@d1` of the
    /// program's own.
    #[must_use]
    pub fn name(&self) -> String {
        let (id, variant) = match self.id.split_once('.') {
            Some((id, variant)) => (id, format!("#{variant}")),
            None => (self.id.as_str(), String::new()),
        };
        let whose = if self.is_default { "d" } else { "" };
        format!("{id}@{whose}{}{variant}", self.version)
    }

    /// Whether a model is told the same by both.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.body == other.body && self.variables == other.variables
    }

    /// The prompt for a conversation held in this language. The model is told the language by its own name.
    #[must_use]
    pub fn fill(&self, bot: &Bot, lang: Lang) -> String {
        let list =
            |items: &[String]| items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n");
        let language = bot.labels.languages.get(&lang).map_or(lang.as_str(), String::as_str);
        // One pass from left to right: what is filled in is never looked at for braces again.
        let mut filled = String::with_capacity(self.body.len());
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                continue;
            };
            match name {
                "bot" => filled.push_str(&bot.persona.name),
                "role" => filled.push_str(bot.persona.role.get(lang)),
                "tone" => filled.push_str(bot.persona.tone.get(lang)),
                "do" => filled.push_str(&list(&bot.persona.does)),
                "dont" => filled.push_str(&list(&bot.persona.does_not)),
                "language" => filled.push_str(language),
                _ => filled.push_str(self.value(bot, name, lang)),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// What a variable of its own stands for. A checked folder has a value for each.
    fn value<'a>(&'a self, bot: &'a Bot, name: &str, lang: Lang) -> &'a str {
        let default = self.variables.get(name).map_or("", |variable| variable.default.get(lang));
        bot.prompt_variables.get(name).map_or(default, |told| told.get(lang))
    }
}

/// The front matter of a file of `prompts/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptHead {
    pub title: String,
    pub version: u32,
    /// What stands in braces in the text beside what every prompt may name.
    #[serde(default, deserialize_with = "crate::yaml::recover::each_entry")]
    pub variables: BTreeMap<String, Variable>,
}
