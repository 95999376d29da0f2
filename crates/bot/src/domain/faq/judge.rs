//! Makes confidence of what was found: the evidence for the first few entries, and which of them can hardly be told apart.

use super::evidence::{Evidence, Found};
use super::find::{Candidate, K, Reading, Score, Text};
use super::index::Index;

/// How many entries are looked at closely.
const SHORT_LIST: usize = 5;
/// What is less likely than the best by more than this factor is no rival of it.
const ALIKE: f32 = 0.4;
/// What is less likely than this is offered to nobody.
const LEAST: f32 = 0.1;
/// How many rivals a person is asked to choose from.
const MOST_ALIKE: usize = 3;

impl Index {
    pub(super) fn judge(&self, text: &Text, scores: &[Score]) -> Reading {
        let mut list: Vec<usize> = (0..self.nothing()).filter(|entry| scores[*entry].joined > 0.0).collect();
        list.sort_by(|a, b| scores[*b].joined.total_cmp(&scores[*a].joined));
        list.truncate(SHORT_LIST);
        let mut candidates: Vec<Candidate> = list
            .into_iter()
            .map(|entry| {
                let evidence = self.evidence(text, scores, entry, &[entry]);
                let confidence = self.weights.confidence(&evidence);
                Candidate { entry, confidence, evidence }
            })
            .collect();
        candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut reading = Reading { candidates, ..Reading::default() };
        let Some(best) = reading.candidates.first() else { return reading };
        let least = best.confidence * ALIKE;
        let alike: Vec<usize> = reading
            .candidates
            .iter()
            .filter(|other| other.confidence >= least)
            .map(|other| other.entry)
            .take(MOST_ALIKE)
            .collect();
        if alike.len() >= 2 && best.confidence >= LEAST {
            // As if they were one: what they share does not speak against any of them.
            let together = self.evidence(text, scores, best.entry, &alike);
            reading.one_of_them = self.weights.confidence(&together);
            reading.alike = alike.len();
        }
        reading
    }

    /// The evidence for an entry, where only entries outside a group are its rivals.
    fn evidence(&self, text: &Text, scores: &[Score], entry: usize, group: &[usize]) -> Evidence {
        let score = &scores[entry];
        let best_other = |of: &dyn Fn(&Score) -> f32| {
            let others = scores.iter().enumerate().filter(|(other, _)| !group.contains(other));
            others.map(|(_, score)| of(score)).fold(0.0, f32::max)
        };
        #[expect(clippy::cast_precision_loss, reason = "there are at most 40 words")]
        let few_words = 1.0 / text.telling.max(1) as f32;
        Evidence::from(Found {
            unknown: text.unknown / text.weight,
            rank: score.joined * (K + 1.0) / 3.0,
            lead: score.found.phrase - best_other(&|score| score.found.phrase),
            text_lead: score.text - best_other(&|score| score.text),
            share: group.iter().map(|entry| scores[*entry].found.share).sum(),
            few_words,
            strange: text.strange / (text.strange + 1.0),
            astray: if text.form.to_us { 0.0 } else { text.strange.min(1.0) },
            nothing: scores[self.nothing()].found.phrase,
            // Whoever does not want the bot wants a human.
            declined: if entry == self.human() { 0.0 } else { score.found.declined },
            ..score.found
        })
    }
}
