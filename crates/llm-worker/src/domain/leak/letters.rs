//! Texts compared by their letters alone: no space, sign or capital makes another text of it.

use std::collections::HashSet;

/// So many letters in a row are no coincidence: seven words or so. Shorter runs are idioms ("ask one question at most").
pub(super) const RUN: usize = 40;

/// The letters and digits of a text in small letters, `ё` as `е`.
pub(super) fn letters(text: &str) -> Vec<char> {
    let small = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    small.map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// What is left out before letters are compared, for whoever had the words numbered ("1 You 2 are") or parted by others
/// ("You x are x") so that no run of them stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    WithoutDigits,
    /// Without digits and without words of one letter.
    LongWords,
}

impl Form {
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::WithoutDigits, Self::LongWords];

    pub(super) fn of(self, text: &str) -> Vec<char> {
        match self {
            Self::Whole => letters(text),
            Self::WithoutDigits => without_digits(text),
            Self::LongWords => words(text).flat_map(without_digits).collect(),
        }
    }
}

fn without_digits(text: &str) -> Vec<char> {
    letters(text).into_iter().filter(|c| !c.is_numeric()).collect()
}

/// Words of more than one letter.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().filter(|c| c.is_alphabetic()).nth(1).is_some())
}

/// Every run of letters of a text.
#[derive(Debug)]
pub(super) struct Letters(HashSet<u64>);

impl Letters {
    pub(super) fn of(text: &str, form: Form) -> Self {
        Self(hashes(&form.of(text)).collect())
    }

    /// Whether a run of them stands in `text`, but for those that are public.
    pub(super) fn stand_in(&self, text: &[char], is_public: impl Fn(&str) -> bool) -> bool {
        let found = hashes(text).zip(text.windows(RUN)).filter(|(hash, _)| self.0.contains(hash));
        found.into_iter().any(|(_, run)| !is_public(&run.iter().collect::<String>()))
    }
}

/// A number for each run, each from the one before: the first letter of that goes, the next comes.
fn hashes(text: &[char]) -> impl Iterator<Item = u64> {
    const BASE: u64 = 0x0100_0000_01b3;
    let join = |hash: u64, c: &char| hash.wrapping_mul(BASE).wrapping_add(u64::from(u32::from(*c)));
    let highest = (0..RUN).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let first = text.get(..RUN).map(|run| run.iter().fold(0, join));
    let pairs = text.iter().zip(text.iter().skip(RUN));
    let next = pairs.scan(first.unwrap_or_default(), move |hash, (gone, comes)| {
        *hash = join(*hash, comes).wrapping_sub(u64::from(u32::from(*gone)).wrapping_mul(highest));
        Some(*hash)
    });
    first.into_iter().chain(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leaves_out_what_was_put_between() {
        let said = |form: Form, text: &str| form.of(text).into_iter().collect::<String>();
        assert_eq!(said(Form::Whole, "1. You are x Max2"), "1youarexmax2");
        assert_eq!(said(Form::WithoutDigits, "1. You are x Max2"), "youarexmax");
        assert_eq!(said(Form::LongWords, "1. You are x Max2"), "youaremax");
    }

    #[test]
    fn a_run_is_known_wherever_it_stands_and_a_shorter_one_is_none() {
        let text = "The quick brown fox jumps over the lazy dog, and then over the other one as well.";
        let (known, run) = (Letters::of(text, Form::Whole), letters(text));
        let is_in = |part: &[char]| known.stand_in(part, |_| false);
        for at in 0..=run.len() - RUN {
            let around: Vec<char> =
                "xyz".chars().chain(run[at..at + RUN].iter().copied()).chain(['q']).collect();
            assert!(is_in(&around), "{at}");
            assert!(!is_in(&around[..around.len() - 2]), "{at}");
        }
        assert!(!is_in(&letters("Nothing of it stands in here, although it is as long as the others are.")));
        assert!(!known.stand_in(&run, |_| true));
    }
}
