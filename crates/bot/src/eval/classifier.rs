//! A classifier that learns from labelled conversations: multinomial naive Bayes over stems. It is there to be compared
//! with the rules on the same questions, before anybody believes that it would do better.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Asked, Got, Mark, Outcome, Wanted};
use crate::domain::Stems;

/// What a person wrote and what answered it: the id of an entry, or anything else for what the FAQ did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Example {
    pub text: String,
    pub answer: String,
}

#[derive(Debug, Default)]
struct Class {
    name: String,
    examples: f64,
    words: f64,
    counts: HashMap<String, f64>,
}

#[derive(Debug)]
pub struct Classifier {
    stems: Stems,
    classes: Vec<Class>,
    examples: f64,
    vocabulary: f64,
}

impl Classifier {
    #[must_use]
    pub fn train(examples: &[Example]) -> Self {
        let stems = Stems::default();
        let mut classes: Vec<Class> = Vec::new();
        let mut vocabulary: HashMap<String, ()> = HashMap::new();
        for example in examples {
            let number = classes.iter().position(|class| class.name == example.answer).unwrap_or_else(|| {
                classes.push(Class { name: example.answer.clone(), ..Class::default() });
                classes.len() - 1
            });
            let class = &mut classes[number];
            class.examples += 1.0;
            for stem in stems.of(&example.text) {
                vocabulary.insert(stem.clone(), ());
                *class.counts.entry(stem).or_default() += 1.0;
                class.words += 1.0;
            }
        }
        let count = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
        Self { stems, classes, examples: count(examples.len()), vocabulary: count(vocabulary.len()) }
    }

    /// The likeliest answer and its probability; none where there was nothing to learn from.
    #[must_use]
    pub fn guess(&self, text: &str) -> Option<(&str, f64)> {
        let stems = self.stems.of(text);
        let score = |class: &Class| {
            let of_word = |stem: &String| {
                let count = class.counts.get(stem).copied().unwrap_or(0.0);
                ((count + 1.0) / (class.words + self.vocabulary + 1.0)).ln()
            };
            (class.examples / self.examples).ln() + stems.iter().map(of_word).sum::<f64>()
        };
        let scores: Vec<f64> = self.classes.iter().map(score).collect();
        let (best, top) = scores.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let sum: f64 = scores.iter().map(|score| (score - top).exp()).sum();
        Some((self.classes[best].name.as_str(), 1.0 / sum))
    }

    /// What the classifier would make of these questions, if it answered from this confidence on and only what is an
    /// entry.
    pub fn measure(&self, asked: &[Asked], threshold: f64, is_entry: impl Fn(&str) -> bool) -> Vec<Outcome> {
        let one = |asked: &Asked| {
            let guess = self.guess(&asked.text).filter(|(answer, _)| is_entry(answer));
            let got = match guess {
                Some((answer, sure)) if sure >= threshold => Got::Entry(answer.to_owned()),
                _ => Got::Model,
            };
            let mark = match (&asked.wanted, &got) {
                (Wanted::Entry(wanted), Got::Entry(got)) if wanted == got => Mark::Right,
                (Wanted::Nothing, Got::Model) => Mark::Right,
                (_, Got::Entry(_)) => Mark::Wrong,
                _ => Mark::Left,
            };
            #[expect(clippy::cast_possible_truncation, reason = "it lies between 0 and 1")]
            let guess = guess.map(|(answer, sure)| (answer.to_owned(), sure as f32));
            Outcome { asked: asked.clone(), got, mark, guess }
        };
        asked.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_what_belongs_together() {
        let example = |text: &str, answer: &str| Example { text: text.to_owned(), answer: answer.to_owned() };
        let classifier = Classifier::train(&[
            example("how much does it cost", "price"),
            example("what are your prices", "price"),
            example("сколько стоит", "price"),
            example("do you sign an nda", "nda"),
            example("is our data confidential", "nda"),
            example("what is the weather", "nothing"),
        ]);
        let guess = |text: &str| classifier.guess(text).unwrap().0;
        assert_eq!(guess("the price?"), "price");
        assert_eq!(guess("sign a confidentiality agreement, an NDA"), "nda");
        assert_eq!(guess("сколько это будет стоить"), "price");
        let (_, sure) = classifier.guess("and the weather").unwrap();
        assert!((0.0..=1.0).contains(&sure));
        assert!(Classifier::train(&[]).guess("price").is_none());
    }
}
