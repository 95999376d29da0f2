//! What a text looks like: marks and emoji rather than words, or words of spam.

use std::collections::HashMap;

use bot_folder::{BotFolder, Symbols};

use crate::domain::words::{Stems, words};

/// Telegram's longest message; what a caller gives may be longer.
const MOST_CHARS: usize = 4_096;

/// Marks that usual texts are full of.
const USUAL: &str = ".,!?:;-–—()'\"«»“”’/@#&+%$€₽№";

/// Whether a text is made of special characters.
pub(super) fn is_symbols(symbols: &Symbols, text: &str) -> bool {
    let (mut all, mut special) = (0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_whitespace()).take(MOST_CHARS) {
        all += 1;
        special += u32::from(!c.is_alphanumeric() && !USUAL.contains(c));
    }
    all >= symbols.from_chars
        && symbols.share < 1.0
        && f64::from(special) >= f64::from(all) * f64::from(symbols.share)
}

/// The words and phrases of spam, as stems, by their first one.
#[derive(Debug, Default)]
pub(in crate::domain) struct Keywords {
    stems: Stems,
    phrases: HashMap<String, Vec<Vec<String>>>,
}

impl Keywords {
    pub(in crate::domain) fn new(folder: &BotFolder) -> Self {
        let stems = Stems::default();
        let mut phrases: HashMap<String, Vec<Vec<String>>> = HashMap::new();
        for phrase in folder.bot.spam.keywords.values().flatten() {
            let mut words = stems.of(phrase).into_iter();
            if let Some(first) = words.next() {
                phrases.entry(first).or_default().push(words.collect());
            }
        }
        Self { stems, phrases }
    }

    /// Whether one of them stands in the text, its words one after the other, in whatever form.
    pub(super) fn are_in(&self, text: &str) -> bool {
        if self.phrases.is_empty() {
            return false;
        }
        let said: Vec<String> = words(text).iter().map(|word| self.stems.stem(word)).collect();
        said.iter().enumerate().any(|(at, first)| {
            let rest = &said[at + 1..];
            self.phrases
                .get(first)
                .is_some_and(|phrases| phrases.iter().any(|phrase| rest.starts_with(phrase)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_emoji_in_the_place_of_words_are_seen() {
        let symbols = Symbols::default();
        let is = |text: &str| is_symbols(&symbols, text);
        assert!(is(&"🔥".repeat(40)));
        assert!(is(&"▓▒░".repeat(20)));
        assert!(is(&"a\u{335}\u{336}\u{337}".repeat(20)), "letters buried in marks");
        assert!(is(&"🙂".repeat(1_000_000)));
        assert!(!is("👍👍👍"), "short");
        assert!(!is("We run k8s (EKS) + Postgres; CI/CD = GitLab. Budget: $5k–7k, deadline 01.12!"));
        assert!(!is(r#"{"error":"connection refused","code":500,"at":["db","pool"]}"#));
        assert!(!is("Сколько стоит перенести 12 сервисов в облако? 🙂🙂🙂"));
        assert!(!is_symbols(&Symbols { share: 1.0, from_chars: 1 }, "▓▓▓"), "switched off");
    }
}
