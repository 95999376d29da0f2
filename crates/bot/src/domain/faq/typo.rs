//! Words with one letter wrong, missing, doubled or swapped. Every known word is stored with each of its
//! letters left out in turn; a misspelt word, treated the same, meets it there. The first letter is hardly ever the
//! wrong one: another first letter makes another word.

use std::collections::HashMap;

/// Shorter words have too many neighbours.
const MIN_CHARS: usize = 5;
/// A longer word is no word.
const MAX_CHARS: usize = 24;

#[derive(Debug, Default)]
pub(crate) struct Typos {
    /// From a word with a letter left out (or whole) to the word's number and its first letter.
    variants: HashMap<String, (u32, char)>,
}

impl Typos {
    pub(crate) fn insert(&mut self, word: &str, number: u32) {
        if !fits(word) {
            return;
        }
        let Some(first) = word.chars().next() else { return };
        self.variants.insert(word.to_owned(), (number, first));
        for variant in shorter(word) {
            self.variants.entry(variant).or_insert((number, first));
        }
    }

    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        if !fits(word) {
            return None;
        }
        let begins = word.chars().next()?;
        let get = |variant: &str| {
            let (number, first) = self.variants.get(variant)?;
            (*first == begins).then_some(*number)
        };
        get(word).or_else(|| shorter(word).find_map(|variant| get(&variant)))
    }
}

fn fits(word: &str) -> bool {
    (MIN_CHARS..=MAX_CHARS).contains(&word.chars().count())
}

fn shorter(word: &str) -> impl Iterator<Item = String> {
    word.char_indices().map(|(at, c)| {
        let mut variant = String::with_capacity(word.len());
        variant.push_str(&word[..at]);
        variant.push_str(&word[at + c.len_utf8()..]);
        variant
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_letter_is_forgiven_in_a_long_word() {
        let mut typos = Typos::default();
        typos.insert("kubernet", 7);
        typos.insert("цен", 8);
        typos.insert("quote", 9);
        assert_eq!(
            ["kubernet", "kubrnet", "kubernett", "kubermet", "kubenret"].map(|stem| typos.find(stem)),
            [Some(7); 5]
        );
        assert_eq!(typos.find("qoute"), Some(9));
        assert_eq!(
            ["kbrnet", "ценз", "цен", "completely", "hubernet"].map(|stem| typos.find(stem)),
            [None; 5]
        );
    }
}
