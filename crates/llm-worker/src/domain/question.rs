//! A question, with everything a provider may use to answer it.

use bot_folder::Lang;
use ids::Pii;

use super::context::{Fact, Summary};
use super::leak::OwnWords;
use super::mask::Mask;

/// One question. It names no person: conversations are known to providers by their words alone.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The language to answer in.
    pub(crate) language: Lang,
    /// The bot's prompt, filled in. Which one and which version is recorded with the answer.
    pub(crate) prompt: String,
    /// Oldest first; the last one is the person's and is what is asked.
    pub(crate) turns: Vec<Turn>,
    /// What the bot knows about it, the best first. The only facts an answer may rest on.
    pub(crate) sources: Vec<Source>,
    /// What is remembered of the conversation.
    pub(crate) memory: Memory,
    /// What the bot says by itself, which an answer may repeat.
    pub(crate) own: OwnWords,
}

/// What is remembered of a conversation beside its last turns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// What the bot knows of the person.
    pub(crate) facts: Vec<Fact>,
    pub(crate) summary: Option<Summary>,
    /// What was hidden in it before, and by which masks.
    pub(crate) mask: Mask,
}

#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) by_person: bool,
    pub(crate) text: Pii<String>,
}

/// Something the bot knows, found for a question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) kind: SourceKind,
    /// What an answer is said to come from: a document's title, a question of the FAQ.
    pub(crate) title: String,
    /// The headings it stands under, the document's title first.
    pub(crate) heading: String,
    pub(crate) text: String,
    /// How surely it is about what is asked, from 0 to 1.
    pub(crate) confidence: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    Faq,
    Knowledge,
}

impl SourceKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Faq => "faq",
            Self::Knowledge => "knowledge",
        }
    }
}

impl Question {
    /// What the person said, all of it: the facts that an answer may repeat.
    pub(crate) fn words_of_person(&self) -> impl Iterator<Item = &str> {
        self.turns.iter().filter(|turn| turn.by_person).map(|turn| turn.text.expose().as_str())
    }

    /// What the sources say, all of them.
    pub(crate) fn words_of_sources(&self) -> Vec<&str> {
        words(self.sources.iter())
    }

    /// What the prices and dates of an answer with these citations may come from: what it cites, and the FAQ, which
    /// the bot's owner wrote word for word for people: it is the catalogue.
    pub(crate) fn words_behind(&self, citations: &[String]) -> Vec<&str> {
        words(
            self.sources
                .iter()
                .filter(|source| source.kind == SourceKind::Faq || citations.contains(&source.title)),
        )
    }
}

fn words<'a>(sources: impl Iterator<Item = &'a Source>) -> Vec<&'a str> {
    sources.flat_map(|source| [source.heading.as_str(), source.text.as_str()]).collect()
}
