//! Words of a text, in the form in which they are compared: small letters, `ё` as `е`, one alphabet a
//! word, ends cut off by the stemmer of their alphabet.

mod assent;
mod common;
mod form;
mod frustration;
mod hear;
mod language;
mod orders;
mod stop;
mod vocabulary;

pub(crate) use assent::{assent, is_denial};
pub(crate) use common::is_common;
pub(crate) use form::Form;
pub(crate) use frustration::is_frustrated;
pub(crate) use hear::{Heard, hear};
pub use language::Ear;
pub(crate) use language::fits;
pub(crate) use orders::{Order, Orders, Spoken};
pub(crate) use stop::{is_question_word, is_stop};

use rust_stemmers::{Algorithm, Stemmer};

/// Where words are compared only the beginning of a long text counts.
const MAX_WORDS: usize = 64;
/// No word that we know is longer; what is longer is cut.
const MAX_CHARS: usize = 40;

/// The stemmers of the alphabets we know.
pub(crate) struct Stems {
    russian: Stemmer,
    english: Stemmer,
}

impl Default for Stems {
    fn default() -> Self {
        Self { russian: Stemmer::create(Algorithm::Russian), english: Stemmer::create(Algorithm::English) }
    }
}

impl std::fmt::Debug for Stems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stems")
    }
}

impl Stems {
    /// What is left of a word (as `words` gives it) without its endings.
    pub(crate) fn stem(&self, word: &str) -> String {
        let stemmer = match word.chars().next() {
            Some(first) if is_cyrillic(first) => &self.russian,
            Some(first) if first.is_ascii_alphabetic() => &self.english,
            _ => return word.to_owned(),
        };
        stemmer.stem(word).into_owned()
    }

    /// The stems of a whole phrase, in order.
    pub(crate) fn of(&self, text: &str) -> Vec<String> {
        words(text).iter().map(|word| self.stem(word)).collect()
    }
}

/// The words of a text, ready to be stemmed. Marks, emoji and spaces of every kind divide them; the
/// invisible parts of emoji digits do not.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::with_capacity(12);
    let mut word = String::new();
    let mut chars = 0;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if chars < MAX_CHARS {
                word.extend(c.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c }));
                chars += 1;
            }
        } else if !word.is_empty() && !matches!(c, '\u{fe0f}' | '\u{20e3}' | '\u{301}' | '\u{ad}') {
            words.push(one_alphabet(std::mem::take(&mut word)));
            chars = 0;
            if words.len() == MAX_WORDS {
                return words;
            }
        }
    }
    if !word.is_empty() {
        words.push(one_alphabet(word));
    }
    words
}

/// A Cyrillic word typed with some Latin letters that look the same is made all Cyrillic.
fn one_alphabet(word: String) -> String {
    if word.is_ascii() || !word.chars().any(|c| c.is_ascii_alphabetic()) {
        return word;
    }
    let like = |c: char| match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        other => other,
    };
    word.chars().map(like).collect()
}

pub(crate) const fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_between_marks() {
        let cases = [
            ("Сколько СТОИТ ещё?", "сколько|стоит|еще"),
            ("CI/CD, GitLab-CI 24/7", "ci|cd|gitlab|ci|24|7"),
            ("cкoлькo", "сколько"),
            ("5\u{fe0f}\u{20e3}0\u{fe0f}\u{20e3} тыс", "50|тыс"),
            ("🙂 … +", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        let stems = Stems::default();
        assert_eq!(stems.of("цены ценой"), [stems.stem("цена"), stems.stem("цена")]);
        assert_eq!(stems.of("prices pricing"), [stems.stem("price"), stems.stem("price")]);
    }
}
