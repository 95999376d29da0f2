//! Likeness by letters: how many runs of three letters a text shares with a phrase. It sees through misspellings that
//! no list of neighbours holds, and through endings that the stemmers leave.

use std::collections::HashMap;

use crate::domain::words::is_stop;

/// More runs of a text are not looked up: that bounds the work.
const MOST: usize = 160;
/// A run that is in more phrases than this tells nothing, and would cost.
const MOST_PHRASES: usize = 400;

/// Three letters, packed.
type Run = u64;

#[derive(Debug, Default)]
pub(super) struct Letters {
    postings: HashMap<Run, Vec<u32>>,
    /// Per phrase, how many runs it has.
    counts: Vec<f32>,
}

impl Letters {
    /// Adds the next phrase.
    pub(super) fn push(&mut self, words: &[String]) {
        let runs = runs(words);
        let number = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        self.counts.push(count(&runs));
        for run in runs {
            self.postings.entry(run).or_default().push(number);
        }
    }

    /// Forgets what is in too many phrases.
    pub(super) fn finish(&mut self) {
        self.postings.retain(|_, phrases| phrases.len() <= MOST_PHRASES);
    }

    /// Per phrase, from 0 to 1; and how many look-ups that took.
    pub(super) fn likeness(&self, words: &[String]) -> (Vec<f32>, usize) {
        let runs = runs(words);
        let mut shared = vec![0.0_f32; self.counts.len()];
        let mut work = 0;
        for phrases in runs.iter().filter_map(|run| self.postings.get(run)) {
            work += phrases.len();
            for phrase in phrases {
                shared[*phrase as usize] += 1.0;
            }
        }
        let all = count(&runs);
        for (shared, count) in shared.iter_mut().zip(&self.counts) {
            // Dice's measure.
            *shared = if all + count > 0.0 { 2.0 * *shared / (all + count) } else { 0.0 };
        }
        (shared, work)
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are at most 160 runs")]
const fn count(runs: &[Run]) -> f32 {
    runs.len() as f32
}

/// The runs of the words that are not little ones, each once.
fn runs(words: &[String]) -> Vec<Run> {
    let mut runs = Vec::with_capacity(64);
    for word in words.iter().filter(|word| !is_stop(word)) {
        // A space before and after, so that beginnings count.
        let (mut before, mut last) = (u64::from(' '), u64::from(' '));
        for c in word.chars().chain([' ']) {
            let c = u64::from(u32::from(c));
            if before != last || last != u64::from(' ') {
                runs.push(before << 42 | last << 21 | c);
            }
            (before, last) = (last, c);
            if runs.len() >= MOST {
                runs.sort_unstable();
                runs.dedup();
                return runs;
            }
        }
    }
    runs.sort_unstable();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::words;

    #[test]
    fn a_misspelt_phrase_is_like_itself() {
        let mut letters = Letters::default();
        for phrase in ["monitoring and alerts", "payment by invoice", "резервное копирование"]
        {
            letters.push(&words(phrase));
        }
        letters.finish();
        let best = |text: &str| {
            let (like, _) = letters.likeness(&words(text));
            let best = like.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            (best.0, *best.1 > 0.4)
        };
        assert_eq!(best("montioring alertts"), (0, true));
        assert_eq!(best("резервные копирования"), (2, true));
        assert!(!best("the moon").1);
    }

    #[test]
    fn hostile_texts_cost_no_more_than_others() {
        let mut letters = Letters::default();
        for _ in 0..2_000 {
            letters.push(&words("ыыыы ыыы"));
        }
        letters.push(&words("ыыы"));
        letters.finish();
        let (_, work) = letters.likeness(&["ы".repeat(4_096)]);
        assert!(work <= MOST * MOST_PHRASES, "{work}");
        let many: Vec<String> = (0..5_000_u32).map(|n| format!("слово{n}")).collect();
        assert!(runs(&many).len() <= MOST);
    }
}
