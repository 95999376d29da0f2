//! The print of a text, by which the same text and one that is nearly the same are known again.

use serde::{Deserialize, Serialize};

use crate::domain::words::words;

/// From so many words on a text with a word or two changed is nearly the same.
const LONG: usize = 5;
/// Bits in which the prints of nearly the same texts differ at most: one word of eight changed is about ten, half of
/// them changed about twenty, other texts about thirty-two.
const NEAR: u32 = 12;

/// 64 bits of a text: a similarity hash over its words. Numbers, marks, emoji, capitals, the order of the words and
/// letters of another alphabet that look the same make no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Print {
    #[serde(rename = "p")]
    bits: u64,
    /// Of five words and more.
    #[serde(rename = "l", default, skip_serializing_if = "is_false")]
    long: bool,
}

impl Print {
    pub(super) fn of(text: &str) -> Self {
        let mut words: Vec<String> =
            words(text).into_iter().filter(|word| word.chars().all(char::is_alphabetic)).collect();
        words.sort_unstable();
        words.dedup();
        let long = words.len() >= LONG;
        if !long {
            // Of a few words all have to be there; of none, the very characters.
            let whole = if words.is_empty() { text.trim().to_owned() } else { words.join(" ") };
            return Self { bits: hash(&whole), long };
        }
        let mut votes = [0_i32; 64];
        for word in &words {
            let bits = hash(word);
            for (place, vote) in votes.iter_mut().enumerate() {
                *vote += if bits >> place & 1 == 1 { 1 } else { -1 };
            }
        }
        let bits = votes.iter().enumerate().filter(|(_, vote)| **vote > 0);
        Self { bits: bits.fold(0, |all, (place, _)| all | 1 << place), long }
    }

    /// Of a few words at most.
    pub(super) const fn is_short(self) -> bool {
        !self.long
    }

    pub(super) fn is_like(self, other: Self) -> bool {
        let near = if self.long && other.long { NEAR } else { 0 };
        self.long == other.long && (self.bits ^ other.bits).count_ones() <= near
    }
}

/// FNV-1a, stirred: the same in every version and on every machine.
fn hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    super::stir(hash)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        Print::of(one).is_like(Print::of(other))
    }

    #[test]
    fn what_a_spammer_changes_makes_no_difference() {
        let text = "Earn up to 500 dollars a day from home, write to our manager right now";
        for other in [
            "EARN up to 700 dollars a day from home!!! Write to our manager right now 🚀🚀",
            "earn up to 500 dollars a day from home, write to our manager right now xk3f2",
            "Earn up to 500 dollars a day from home, write to our director right now",
            "right now write to our manager: earn up to 500 dollars a day from home",
        ] {
            assert!(alike(text, other), "{other}");
        }
        let text = "Лёгкий заработок без вложений, пишите менеджеру прямо сейчас";
        assert!(alike(text, "легкий зapaботок без вложений пишите менеджеру прямо сейчас 24/7"));
    }

    #[test]
    fn other_questions_are_other_texts() {
        let questions = [
            "How much does it cost to build a chat bot for a shop?",
            "How long does it take to move our servers to the cloud?",
            "Can your team support our systems at night and on weekends?",
            "We have twelve services and no pipeline at all.",
            "Сколько стоит сделать бота для магазина?",
            "Как долго переезжают серверы в облако?",
            "да",
            "нет",
            "+",
            "1",
            "2",
        ];
        for (at, one) in questions.iter().enumerate() {
            for other in &questions[..at] {
                assert!(!alike(one, other), "{one} / {other}");
            }
        }
    }

    proptest! {
        #[test]
        fn capitals_marks_and_numbers_do_not_count(words in prop::collection::vec("[a-zа-я]{3,9}", 1..12), number in 0_u32..9_999) {
            let plain = words.join(" ");
            let dressed = format!("{number} {}!!! 🙂", words.join(", ").to_uppercase());
            prop_assert!(alike(&plain, &dressed), "{plain} / {dressed}");
        }

        #[test]
        fn anything_has_a_print_that_is_its_own(text in "\\PC{0,300}") {
            prop_assert!(alike(&text, &text));
        }
    }
}
