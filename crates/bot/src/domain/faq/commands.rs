//! Finds the command that a text means: it says little more and little less than one of the command's phrases.

use std::collections::HashMap;

use bot_folder::Menu;

use super::typo::Typos;
use crate::domain::words::{Form, Stems, is_stop};

/// What little words weigh beside a telling one, which weighs up to 1.
const STOP_WEIGHT: f32 = 0.08;
/// What a word that is in no phrase weighs: it is a sign that something else is meant.
const UNKNOWN_WEIGHT: f32 = 0.6;
/// How much of a misspelt word counts.
const MISSPELT: f32 = 0.9;
/// How much of the phrase must be in the text, and of the text in the phrase.
const LEAST: f32 = 0.86;
/// Nobody puts a command in more words.
const MOST_WORDS: usize = 16;

#[derive(Debug)]
struct Phrase {
    command: usize,
    /// The sum of its stems' weights.
    weight: f32,
    /// It says that something is not so.
    denies: bool,
}

#[derive(Debug, Default)]
pub(super) struct Commands {
    stems: Stems,
    numbers: HashMap<String, u32>,
    typos: Typos,
    /// Per stem.
    weights: Vec<f32>,
    /// Per stem, the phrases it is in.
    postings: Vec<Vec<u32>>,
    phrases: Vec<Phrase>,
}

/// A command, and how well its phrase fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Meant {
    pub(super) command: usize,
    pub(super) fit: f32,
}

impl Commands {
    pub(super) fn new(menu: &Menu) -> Self {
        let mut commands = Self::default();
        for (command, one) in menu.commands.iter().enumerate() {
            for phrase in one.phrases.values().flatten() {
                commands.learn(command, &crate::domain::words::words(phrase));
            }
        }
        commands
    }

    fn learn(&mut self, command: usize, words: &[String]) {
        let mut set: Vec<u32> = Vec::with_capacity(words.len());
        for word in words {
            let stem = self.stems.stem(word);
            let next = u32::try_from(self.weights.len()).unwrap_or(u32::MAX);
            let number = *self.numbers.entry(stem.clone()).or_insert(next);
            if number == next {
                self.typos.insert(&stem, number);
                self.weights.push(if is_stop(word) { STOP_WEIGHT } else { 1.0 });
                self.postings.push(Vec::new());
            }
            if !set.contains(&number) {
                set.push(number);
            }
        }
        if set.is_empty() {
            return;
        }
        let phrase = u32::try_from(self.phrases.len()).unwrap_or(u32::MAX);
        let weight = set.iter().map(|number| self.weights[*number as usize]).sum();
        for number in set {
            self.postings[number as usize].push(phrase);
        }
        self.phrases.push(Phrase { command, weight, denies: Form::of(words).denies });
    }

    /// The command that these words mean, if it is one.
    pub(super) fn find(&self, words: &[String]) -> Option<Meant> {
        if words.len() > MOST_WORDS {
            return None;
        }
        let mut asked: Vec<(u32, f32)> = Vec::with_capacity(words.len());
        let mut asked_weight = 0.0;
        for word in words {
            let stem = self.stems.stem(word);
            let exact = self.numbers.get(&stem).map(|number| (*number, 1.0));
            match exact.or_else(|| self.typos.find(&stem).map(|number| (number, MISSPELT))) {
                Some((number, sure)) if asked.iter().all(|(other, _)| *other != number) => {
                    asked.push((number, sure));
                    asked_weight += self.weights[number as usize];
                }
                Some(_) => {}
                None if is_stop(word) => asked_weight += STOP_WEIGHT,
                None => asked_weight += UNKNOWN_WEIGHT,
            }
        }
        if asked.is_empty() {
            return None;
        }
        let mut matched = vec![0.0_f32; self.phrases.len()];
        for (number, sure) in &asked {
            for phrase in &self.postings[*number as usize] {
                matched[*phrase as usize] += self.weights[*number as usize] * sure;
            }
        }
        let denies = Form::of(words).denies;
        let mut best: Option<Meant> = None;
        for (phrase, matched) in self.phrases.iter().zip(&matched) {
            let (of_phrase, of_text) = (matched / phrase.weight, matched / asked_weight);
            // "I do not need a bot" orders none.
            if of_phrase.min(of_text) < LEAST || phrase.denies != denies {
                continue;
            }
            let fit = (of_phrase * of_text).sqrt();
            if best.is_none_or(|best| fit > best.fit) {
                best = Some(Meant { command: phrase.command, fit });
            }
        }
        best
    }
}
