//! Words with one letter wrong, missing, doubled or swapped. Every known stem is stored with each of its
//! letters left out in turn; a misspelt stem, treated the same, meets it there.

use std::collections::HashMap;

/// Shorter words have too many neighbours.
const MIN_CHARS: usize = 5;

#[derive(Debug, Default)]
pub(crate) struct Typos {
    /// From a stem with a letter left out (or whole) to the stem's number.
    variants: HashMap<String, u32>,
}

impl Typos {
    pub(crate) fn insert(&mut self, stem: &str, id: u32) {
        if stem.chars().count() < MIN_CHARS {
            return;
        }
        self.variants.insert(stem.to_owned(), id);
        for variant in shorter(stem) {
            self.variants.entry(variant).or_insert(id);
        }
    }

    pub(crate) fn find(&self, stem: &str) -> Option<u32> {
        if stem.chars().count() < MIN_CHARS {
            return None;
        }
        let get = |variant: &str| self.variants.get(variant).copied();
        get(stem).or_else(|| shorter(stem).find_map(|variant| get(&variant)))
    }
}

fn shorter(stem: &str) -> impl Iterator<Item = String> {
    stem.char_indices().map(|(at, c)| {
        let mut variant = String::with_capacity(stem.len());
        variant.push_str(&stem[..at]);
        variant.push_str(&stem[at + c.len_utf8()..]);
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
        assert_eq!(
            ["kubernet", "kubrnet", "kubernett", "kubermet", "kubenret"].map(|stem| typos.find(stem)),
            [Some(7); 5]
        );
        assert_eq!(["kbrnet", "ценз", "цен", "completely"].map(|stem| typos.find(stem)), [None; 4]);
    }
}
