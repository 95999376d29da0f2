//! Texts compared by their letters alone: no space, sign or capital makes another text of it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many letters in a row are no coincidence: seven words or so. Shorter runs are idioms ("ask one question at most").
pub(super) const RUN: usize = 40;

/// The letters and digits of a text in small letters, `ё` as `е`.
pub(super) fn letters(text: &str) -> Vec<char> {
    let small = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    small.map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// Every run of letters of a text.
#[derive(Debug)]
pub(super) struct Letters(HashSet<u64>);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        Self(letters(text).windows(RUN).map(hash).collect())
    }

    /// Whether a run of them stands in `text`, but for those that are public.
    pub(super) fn stand_in(&self, text: &[char], is_public: impl Fn(&str) -> bool) -> bool {
        let runs = text.windows(RUN).filter(|run| self.0.contains(&hash(run)));
        runs.into_iter().any(|run| !is_public(&run.iter().collect::<String>()))
    }
}

fn hash(run: &[char]) -> u64 {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    hasher.finish()
}
