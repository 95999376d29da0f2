//! `knowledge/*.md` and `prompts/*.md`: text with a few facts about it at the top.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Bot, Lang};

/// A document the bot may answer from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Knowledge {
    /// The file's name without `.md`.
    pub id: String,
    pub title: String,
    pub language: Lang,
    /// Markdown, without the front matter.
    pub body: String,
}

/// What a language model is told before the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prompt {
    /// The file's name without `.md`.
    pub id: String,
    pub title: String,
    /// Counted by the author; recorded with every answer the model gives.
    pub version: u32,
    /// Markdown, without the front matter. `{bot}`, `{role}`, `{tone}`, `{do}`, `{dont}` and
    /// `{language}` stand for the persona's.
    pub body: String,
}

impl Prompt {
    /// What can stand in braces in a prompt.
    pub const PLACEHOLDERS: [&str; 6] = ["bot", "role", "tone", "do", "dont", "language"];

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
                _ => {}
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// The front matter of a file of `knowledge/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeHead {
    pub title: String,
    pub language: Lang,
}

/// The front matter of a file of `prompts/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptHead {
    pub title: String,
    pub version: u32,
}
