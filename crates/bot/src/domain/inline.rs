//! Inline queries: the questions of the FAQ that a person may mean who types the bot's name and some words in
//! another chat. What they pick is sent there in their own name, with the answer.

use std::collections::HashSet;

use bot_folder::{BotFolder, Lang};

use super::say::fill;
use super::words::{Ear, Stems, hear, is_stop, words};
use super::{Engine, Person};

/// Nobody reads a longer list while typing.
const MOST: usize = 8;
/// What share of the telling words of a query an entry must have.
const ENOUGH: f32 = 0.5;
/// Characters of an answer that are shown below its question.
const PREVIEW: usize = 120;

/// An answer that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    pub id: String,
    pub title: String,
    pub description: String,
    pub text: String,
}

/// The stems of each entry's phrases.
#[derive(Debug, Default)]
pub(super) struct Articles {
    stems: Stems,
    entries: Vec<HashSet<String>>,
}

impl Articles {
    pub(super) fn new(folder: &BotFolder) -> Self {
        let stems = Stems::default();
        let entry = |entry: &bot_folder::FaqEntry| {
            let lists = entry.patterns.values().chain(entry.keywords.values()).flatten().map(String::as_str);
            let phrases = entry.question.iter().map(|(_, text)| text).chain(lists);
            phrases.flat_map(|text| stems.of(text)).collect()
        };
        let entries = folder.faq.entries.iter().map(entry).collect();
        Self { stems, entries }
    }

    /// Numbers of entries, the best first. The last word may still be being typed.
    fn find(&self, query: &str) -> Vec<usize> {
        let mut asked = words(query);
        asked.retain(|word| !is_stop(word));
        let Some(last) = asked.last().cloned() else { return (0..self.entries.len().min(MOST)).collect() };
        let stems: Vec<String> = asked.iter().map(|word| self.stems.stem(word)).collect();
        let score = |entry: &HashSet<String>| {
            let begun = last.chars().count() > 2 && entry.iter().any(|stem| stem.starts_with(&last));
            let known = stems.iter().filter(|stem| entry.contains(*stem)).count();
            let typed = usize::from(begun && !stems.last().is_some_and(|stem| entry.contains(stem)));
            #[expect(clippy::cast_precision_loss, reason = "a query has at most 64 words")]
            let share = (known + typed) as f32 / stems.len() as f32;
            share
        };
        let mut found: Vec<(f32, usize)> =
            self.entries.iter().map(score).enumerate().map(|(nth, score)| (score, nth)).collect();
        found.retain(|(score, _)| *score >= ENOUGH);
        found.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
        found.into_iter().take(MOST).map(|(_, nth)| nth).collect()
    }
}

impl Engine {
    /// What to offer for an inline query; with nothing typed, the first questions there are.
    #[must_use]
    pub fn articles(&self, query: &str, person: &Person) -> Vec<Article> {
        let bot = &self.folder().bot;
        let heard = Ear::default().choose(hear(query), None, person.lang(), &bot.languages, true);
        let lang = heard.unwrap_or(bot.default_language);
        self.articles.find(query).into_iter().filter_map(|nth| self.article(nth, lang)).collect()
    }

    fn article(&self, nth: usize, lang: Lang) -> Option<Article> {
        let folder = self.folder();
        let entry = folder.faq.entries.get(nth)?;
        let filled = |text: &str| fill(text, &[("bot", &folder.bot.persona.name)]);
        let (title, answer) = (filled(entry.question.get(lang)), filled(entry.answer.get(lang)));
        let line = answer.lines().next().unwrap_or_default();
        let mut description: String = line.chars().take(PREVIEW).collect();
        if description.len() < answer.len() {
            description.push('…');
        }
        Some(Article { id: entry.id.clone(), title, description, text: answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::script::{anna, engine};

    fn found(query: &str, language: &str) -> Vec<String> {
        engine().articles(query, &anna(language)).into_iter().map(|article| article.id).collect()
    }

    #[test]
    fn questions_are_found_by_their_words_also_by_the_beginning_of_one() {
        for (query, id) in [
            ("how much does it cost", "price"),
            ("сколько стоит", "price"),
            ("kubern", "kubernetes"),
            ("do you sign an NDA", "security-nda"),
            ("предопл", "payment"),
        ] {
            assert!(
                found(query, "en").iter().take(3).any(|found| found == id),
                "{query}: {:?}",
                found(query, "en")
            );
        }
        assert_eq!(found("", "en").len(), MOST);
        assert!(found("borscht recipe", "en").is_empty());
    }

    #[test]
    fn answers_are_in_the_language_of_the_query_else_of_the_person() {
        let cyrillic = |query: &str, language: &str| {
            let articles = engine().articles(query, &anna(language));
            articles[0].text.chars().any(super::super::words::is_cyrillic)
        };
        assert!(cyrillic("сколько стоит", "en") && cyrillic("", "ru"));
        assert!(!cyrillic("how much is it", "ru") && !cyrillic("", "en"));
    }

    #[test]
    fn every_article_fits_into_telegrams_limits() {
        for lang in ["en", "ru"] {
            for nth in 0..engine().folder().faq.entries.len() {
                let article = engine().article(nth, lang.parse().unwrap()).unwrap();
                assert!((1..=64).contains(&article.id.len()) && !article.title.is_empty());
                assert!((1..=4096).contains(&article.text.encode_utf16().count()));
                assert!(article.description.chars().count() <= PREVIEW + 1);
                assert!(!article.text.contains('{'), "{}", article.text);
            }
        }
    }
}
