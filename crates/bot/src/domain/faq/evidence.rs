//! What speaks for an answer and what against it, in numbers; and how sure that makes. The weights are data, made by
//! calibration.

use bot_folder::Calibration;

/// The kinds of evidence, by the names they have in `calibration.yml`. Each is from -1 to 1.
pub(crate) const NAMES: [&str; KINDS] = [
    "phrase",
    "of_phrase",
    "of_text",
    "entry",
    "answer",
    "unknown",
    "letters",
    "rank",
    "lead",
    "text_lead",
    "keyword",
    "declined",
    "defined",
    "compared",
    "few_words",
    "clause",
    "to_us",
    "odds",
    "share",
    "strange",
    "astray",
    "nothing",
];

pub(crate) const KINDS: usize = 22;

/// The evidence for one entry, in the order of [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Evidence(pub(crate) [f32; KINDS]);

/// What was found out about an entry and a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// How well the text fits its best phrase.
    pub(super) phrase: f32,
    /// How much of that phrase is in the text.
    pub(super) of_phrase: f32,
    /// How much of the text is in that phrase.
    pub(super) of_text: f32,
    /// How much of the text is in any of its phrases.
    pub(super) entry: f32,
    /// How much more of it is in its answer.
    pub(super) answer: f32,
    /// How much of the text no phrase of any entry knows.
    pub(super) unknown: f32,
    /// How like the text is to a phrase by its letters.
    pub(super) letters: f32,
    /// Its place in the joined rankings: 1 for the first in all of them.
    pub(super) rank: f32,
    /// How much better its phrase fits than that of any other entry.
    pub(super) lead: f32,
    /// The same of all its words.
    pub(super) text_lead: f32,
    /// A keyword of it stands in the text; how much of the text that is.
    pub(super) keyword: f32,
    /// The text says that it is not wanted, and the phrase does not.
    pub(super) declined: f32,
    /// The text asks what a word means, and the phrase does not.
    pub(super) defined: f32,
    /// The text compares, and the phrase does not.
    pub(super) compared: f32,
    /// One over the number of telling words.
    pub(super) few_words: f32,
    /// How well the best part of the text fits a phrase.
    pub(super) clause: f32,
    /// The phrase speaks to us and the text does not.
    pub(super) to_us: f32,
    /// How much rather its words are said of this entry than of anything; from -1 to 1.
    pub(super) odds: f32,
    /// The entry's share of that among all entries and none of them.
    pub(super) share: f32,
    /// How many telling words no phrase knows.
    pub(super) strange: f32,
    /// The same where the text does not speak to us at all.
    pub(super) astray: f32,
    /// How well the text fits what is nothing of ours.
    pub(super) nothing: f32,
}

impl From<Found> for Evidence {
    fn from(f: Found) -> Self {
        Self([
            f.phrase,
            f.of_phrase,
            f.of_text,
            f.entry,
            f.answer,
            f.unknown,
            f.letters,
            f.rank,
            f.lead,
            f.text_lead,
            f.keyword,
            f.declined,
            f.defined,
            f.compared,
            f.few_words,
            f.clause,
            f.to_us,
            f.odds,
            f.share,
            f.strange,
            f.astray,
            f.nothing,
        ])
    }
}

/// The weights of the evidence, ready to be used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    bias: f64,
    weights: [f64; KINDS],
}

impl From<&Calibration> for Weights {
    fn from(calibration: &Calibration) -> Self {
        let weight = |name: &&str| calibration.weights.get(*name).copied().unwrap_or(0.0);
        let mut weights = [0.0; KINDS];
        for (to, name) in weights.iter_mut().zip(&NAMES) {
            *to = weight(name);
        }
        Self { bias: calibration.bias, weights }
    }
}

impl Weights {
    /// From 0 to 1.
    pub(crate) fn confidence(&self, evidence: &Evidence) -> f32 {
        let z: f64 = self.bias
            + self.weights.iter().zip(evidence.0).map(|(weight, is)| weight * f64::from(is)).sum::<f64>();
        #[expect(clippy::cast_possible_truncation, reason = "it lies between 0 and 1")]
        let confidence = (1.0 / (1.0 + (-z).exp())) as f32;
        if confidence.is_finite() { confidence } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn confidence_stays_between_nothing_and_certainty() {
        let weights = |weight: f64| {
            let weights = BTreeMap::from([("phrase".to_owned(), weight)]);
            Weights::from(&Calibration { questions: 1, bias: 0.0, weights })
        };
        let evidence = Evidence::from(Found { phrase: 1.0, ..Found::default() });
        assert!((weights(0.0).confidence(&evidence) - 0.5).abs() < 1e-6);
        assert!(weights(1e9).confidence(&evidence) <= 1.0);
        assert!(weights(-1e9).confidence(&evidence) >= 0.0);
        assert!(weights(f64::NAN).confidence(&evidence).abs() < 1e-6);
    }
}
