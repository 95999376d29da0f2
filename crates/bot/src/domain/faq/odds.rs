//! How much rather a word is said of one entry than of another: the logarithm of its likelihood in the entry's phrases
//! over that in all phrases (naive Bayes, smoothed towards all phrases).

use super::lexicon::Term;

/// How many words of all phrases are mixed into an entry's, so that a word it does not have is unlikely, not impossible.
const SMOOTH: f32 = 25.0;
/// What a telling word that no phrase has says for "none of them", as a logarithm.
const STRANGE: f32 = 1.2;

#[derive(Debug, Default)]
pub(super) struct Odds {
    /// Per term, the entries it is in and its log odds there, above those of an entry it is not in.
    terms: Vec<Vec<(u32, f32)>>,
    /// Per entry, the log odds of a word that it does not have.
    without: Vec<f32>,
}

impl Odds {
    /// From each term's entries with how many of their phrases it is in.
    pub(super) fn new(counts: &[Vec<(u32, f32)>], entries: usize) -> Self {
        let mut sizes = vec![0.0_f32; entries];
        for (entry, count) in counts.iter().flatten() {
            sizes[*entry as usize] += count;
        }
        let all: f32 = sizes.iter().sum::<f32>().max(1.0);
        let without: Vec<f32> = sizes.iter().map(|size| (SMOOTH / (size + SMOOTH)).ln()).collect();
        let terms = counts
            .iter()
            .map(|counts| {
                let everywhere = counts.iter().map(|(_, count)| count).sum::<f32>() / all;
                let odds = |entry: u32, count: f32| {
                    let likely = (count + SMOOTH * everywhere) / (sizes[entry as usize] + SMOOTH);
                    (likely / everywhere).ln() - without[entry as usize]
                };
                counts.iter().map(|(entry, count)| (*entry, odds(*entry, *count))).collect()
            })
            .collect();
        Self { terms, without }
    }

    /// Per entry, the log odds of these words (each with how much it counts), and the entry's share among all and none.
    /// An entry that has `forgotten` a word is as if it did not have it.
    pub(super) fn of(
        &self,
        words: &[(Term, f32)],
        strange: f32,
        forgotten: impl Fn(Term, u32) -> bool,
    ) -> Vec<(f32, f32)> {
        let mut sum: Vec<f32> = vec![0.0; self.without.len()];
        let mut counted = 0.0;
        for (term, counts) in words {
            let entries = &self.terms[*term as usize];
            if entries.is_empty() {
                continue;
            }
            counted += counts;
            for (entry, odds) in entries.iter().filter(|(entry, _)| !forgotten(*term, *entry)) {
                sum[*entry as usize] += odds * counts;
            }
        }
        for (sum, without) in sum.iter_mut().zip(&self.without) {
            *sum += without * counted;
        }
        let none = strange * STRANGE;
        let top = sum.iter().copied().fold(none, f32::max);
        let all: f32 = (none - top).exp() + sum.iter().map(|sum| (sum - top).exp()).sum::<f32>();
        sum.into_iter().map(|sum| (sum, (sum - top).exp() / all)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_speaks_for_the_entries_that_have_it() {
        // The first term is of the first entry alone, the second of both.
        let odds = Odds::new(&[vec![(0, 10.0)], vec![(0, 5.0), (1, 5.0)], vec![(1, 10.0)]], 2);
        let of = odds.of(&[(0, 1.0), (1, 1.0)], 0.0, |_, _| false);
        assert!(of[0].0 > 0.0 && of[1].0 < of[0].0, "{of:?}");
        assert!(of[0].1 > of[1].1 && of[0].1 + of[1].1 < 1.0, "{of:?}");
        let strange = odds.of(&[(0, 1.0), (1, 1.0)], 3.0, |_, _| false);
        assert!(strange[0].1 < of[0].1 / 2.0, "{strange:?}");
    }
}
