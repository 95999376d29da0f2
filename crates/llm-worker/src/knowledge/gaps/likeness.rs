//! How much two questions ask the same, told by their words: in the forms of their stems, and by their letters
//! where one of them is misspelt.

use std::collections::BTreeSet;

use rust_stemmers::{Algorithm, Stemmer};

use crate::knowledge::fillers;

/// From this likeness two questions are one.
pub(super) const ALIKE: f32 = 0.5;
/// Letters prove less than words.
const OF_LETTERS: f32 = 0.8;

/// A question, ready to be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    stems: BTreeSet<String>,
    trigrams: BTreeSet<[char; 3]>,
}

impl Shape {
    pub(super) fn of(question: &str) -> Self {
        let (russian, english) = (Stemmer::create(Algorithm::Russian), Stemmer::create(Algorithm::English));
        let asked = fillers::without(question).to_lowercase().replace('ё', "е");
        let mut shape = Self::default();
        for word in asked.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let stemmer = if word.is_ascii() { &english } else { &russian };
            let stem = stemmer.stem(word);
            // Articles and prepositions say nothing.
            if word.chars().count() > 2 || word.chars().any(|c| c.is_numeric()) {
                let padded: Vec<char> = " ".chars().chain(stem.chars()).chain(" ".chars()).collect();
                shape.trigrams.extend(padded.windows(3).map(|three| [three[0], three[1], three[2]]));
                shape.stems.insert(stem.into_owned());
            }
        }
        shape
    }

    /// From 0 to 1.
    pub(super) fn likeness(&self, other: &Self) -> f32 {
        let words = dice(&self.stems, &other.stems);
        words.max(OF_LETTERS * dice(&self.trigrams, &other.trigrams))
    }
}

/// What two sets share, as a part of both.
fn dice<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f32 {
    let all = a.len() + b.len();
    if all == 0 { 0.0 } else { 2.0 * a.intersection(b).count() as f32 / all as f32 }
}

/// The cosine of two vectors of one length; 0 where one has no direction.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length > 0.0 { dot(a, b) / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alike(a: &str, b: &str) -> bool {
        Shape::of(a).likeness(&Shape::of(b)) >= ALIKE
    }

    #[test]
    fn questions_that_ask_the_same_are_alike_in_any_form() {
        assert!(alike("Делаете ли вы ремонт квартир?", "Здравствуйте! Вы делаете ремонт квартиры"));
        assert!(alike("Do you offer translation services?", "do you have a translation service"));
        assert!(alike("Сколько стоит маникюр?", "подскажите сколько стоит маникюр"));
        assert!(alike("Do you work with dentists?", "do you work with dentits"));
        assert!(!alike("Сколько стоит маникюр?", "Какая завтра погода в Москве?"));
        assert!(!alike("Do you work with dentists?", "Where is your office in Tokyo?"));
        assert!(!alike("👍", "👍"));
    }

    proptest! {
        #[test]
        fn likeness_is_a_share_and_has_no_direction(a in ".{0,60}", b in ".{0,60}") {
            let (a, b) = (Shape::of(&a), Shape::of(&b));
            prop_assert!((0.0..=1.0).contains(&a.likeness(&b)));
            prop_assert!((a.likeness(&b) - b.likeness(&a)).abs() < 1e-6);
            prop_assert!(a.stems.is_empty() || a.likeness(&a) > 0.999);
        }
    }
}
