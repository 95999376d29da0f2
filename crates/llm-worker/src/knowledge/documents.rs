//! A bot's folder as documents to be searched.

use bot_folder::{BotFolder, Lang};
use sha2::{Digest, Sha256};

use super::split::split;
use crate::domain::question::SourceKind;

/// Part of every hash: raised when the same text is to be cut or indexed in another way.
const FORMAT: &str = "1";

/// A document in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) kind: SourceKind,
    /// The FAQ entry's id, or the file's name without its ending.
    pub(crate) source: String,
    pub(crate) language: Lang,
    pub(crate) title: String,
    pub(crate) passages: Vec<Passage>,
}

/// What is found as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The headings it stands under, the document's title first.
    pub(crate) heading: String,
    /// Other ways to ask for it; searched, never shown.
    pub(crate) hints: String,
    pub(crate) text: String,
}

impl Document {
    /// What makes this the same document: SHA-256 of all that is indexed, in hexadecimal.
    pub(crate) fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        let passages =
            self.passages.iter().flat_map(|passage| [&passage.heading, &passage.hints, &passage.text]);
        for part in [FORMAT, &self.title].into_iter().chain(passages.map(String::as_str)) {
            // Lengths keep one part from being mistaken for two.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(hash.finalize())
    }
}

/// The FAQ and the knowledge of a bot.
pub(crate) fn of(folder: &BotFolder) -> Vec<Document> {
    let mut documents = Vec::new();
    for entry in &folder.faq.entries {
        for (language, question) in entry.question.iter() {
            let words = |list: &bot_folder::LocalizedList| {
                list.get(&language).map(|l| l.join("\n")).unwrap_or_default()
            };
            documents.push(Document {
                kind: SourceKind::Faq,
                source: entry.id.clone(),
                language,
                title: question.to_owned(),
                passages: vec![Passage {
                    heading: question.to_owned(),
                    // Not the patterns: the bot has compared the text with them before it asked here, and among
                    // so many words every question finds one of its own.
                    hints: words(&entry.keywords),
                    text: filled(entry.answer.get(language), &folder.bot.persona.name),
                }],
            });
        }
    }
    for knowledge in &folder.knowledge {
        documents.push(Document {
            kind: SourceKind::Knowledge,
            source: knowledge.id.clone(),
            language: knowledge.language,
            title: knowledge.title.clone(),
            passages: split(&knowledge.title, &knowledge.body),
        });
    }
    documents
}

/// An answer of the FAQ as said to nobody in particular.
fn filled(answer: &str, bot: &str) -> String {
    answer.replace("{, name}", "").replace("{name}", "").replace("{bot}", bot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_changes_with_every_part_and_with_nothing_else() {
        let passage = |text: &str| Passage { heading: "h".into(), hints: "x".into(), text: text.into() };
        let document = |title: &str, texts: &[&str]| Document {
            kind: SourceKind::Faq,
            source: "s".into(),
            language: Lang::EN,
            title: title.into(),
            passages: texts.iter().map(|text| passage(text)).collect(),
        };
        let hash = document("t", &["a", "b"]).content_hash();
        assert_eq!(hash, document("t", &["a", "b"]).content_hash());
        assert_ne!(hash, document("u", &["a", "b"]).content_hash());
        assert_ne!(hash, document("t", &["ab"]).content_hash());
        assert_ne!(hash, document("t", &["a"]).content_hash());
    }

    #[test]
    fn an_answer_of_the_faq_names_the_bot_and_nobody_else() {
        assert_eq!(filled("Hi{, name}! I am {bot}.", "Max"), "Hi! I am Max.");
    }
}
