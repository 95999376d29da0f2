//! The index: every phrase as a set of weighed stems, and for every stem the phrases it is in.

use std::collections::HashMap;

use bot_folder::BotFolder;

use super::typo::Typos;
use crate::domain::words::{Stems, is_denial, is_stop, words};

/// What little words weigh beside a telling one, which weighs up to 1.
const STOP_WEIGHT: f32 = 0.08;
/// What a word that is in no phrase weighs: it is a sign that something else is meant.
const UNKNOWN_WEIGHT: f32 = 0.6;
/// How much surer the best must be than the second.
const MARGIN: f32 = 0.06;
/// From this share of a text on, a keyword in it is the question.
const KEYWORD_SHARE: f32 = 0.42;
/// The same for a pattern of a word or two, which at least says what is asked.
const SHORT_SHARE: f32 = 0.36;
/// Nobody puts a question of the FAQ in more words.
const MAX_WORDS: usize = 32;
/// A command is meant only by little more and little less than one of its phrases.
const COMMAND: f32 = 0.86;

/// What a text was found to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The number of an entry of the FAQ.
    Faq(usize),
    /// The number of a command of the menu.
    Command(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Match {
    pub(crate) meaning: Meaning,
    /// From 0 to 1.
    pub(crate) confidence: f32,
}

#[derive(Debug)]
struct Phrase {
    meaning: Meaning,
    /// The sum of its stems' weights.
    weight: f32,
    /// By itself it is the question, unless much else stands around it.
    keyword: bool,
    /// It has two telling words at most.
    short: bool,
    /// It says that something is not so.
    denies: bool,
}

fn denies(words: &[String]) -> bool {
    words.iter().any(|word| is_denial(word))
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    stems: Stems,
    /// From a word as it is written in a phrase to its stem, which saves the stemmer's work.
    known: HashMap<String, u32>,
    ids: HashMap<String, u32>,
    typos: Typos,
    /// Per stem.
    weights: Vec<f32>,
    /// Per stem, the phrases it is in.
    postings: Vec<Vec<u32>>,
    phrases: Vec<Phrase>,
}

impl Index {
    pub(crate) fn new(folder: &BotFolder) -> Self {
        let mut index = Self::default();
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let mut add = |index: &mut Self, meaning, keyword, text: &str| {
            let set = index.set(text);
            if !set.is_empty() {
                let denies = denies(&words(text));
                index.phrases.push(Phrase { meaning, weight: 0.0, keyword, short: false, denies });
                sets.push(set);
            }
        };
        for (i, entry) in folder.faq.entries.iter().enumerate() {
            let meaning = Meaning::Faq(i);
            let lists = entry.patterns.values().flatten().map(String::as_str);
            entry
                .question
                .iter()
                .map(|(_, text)| text)
                .chain(lists)
                .for_each(|text| add(&mut index, meaning, false, text));
            entry.keywords.values().flatten().for_each(|text| add(&mut index, meaning, true, text));
        }
        for (i, command) in folder.menu.commands.iter().enumerate() {
            let phrases = command.phrases.values().flatten();
            phrases.for_each(|text| add(&mut index, Meaning::Command(i), false, text));
        }
        index.weigh(&sets, folder.faq.entries.len() + folder.menu.commands.len());
        index
    }

    /// The stems of a phrase, each once.
    fn set(&mut self, text: &str) -> Vec<u32> {
        let mut set = Vec::new();
        for word in words(text) {
            let stem = self.stems.stem(&word);
            let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
            let id = *self.ids.entry(stem.clone()).or_insert(next);
            if id == next {
                self.typos.insert(&stem, id);
                self.weights.push(if is_stop(&word) { STOP_WEIGHT } else { 1.0 });
                self.postings.push(Vec::new());
            }
            self.known.insert(word, id);
            if !set.contains(&id) {
                set.push(id);
            }
        }
        set
    }

    /// A stem that is in the phrases of many entries tells little of which is meant.
    fn weigh(&mut self, sets: &[Vec<u32>], meanings: usize) {
        let mut used: Vec<Vec<Meaning>> = vec![Vec::new(); self.weights.len()];
        for (phrase, set) in self.phrases.iter().zip(sets) {
            for id in set {
                let used = &mut used[*id as usize];
                if !used.contains(&phrase.meaning) {
                    used.push(phrase.meaning);
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of a folder's entries are small")]
        let rarity = |count: usize| {
            let all = meanings.max(2) as f32;
            ((1.0 + all / count.max(1) as f32).ln() / (1.0 + all).ln()).clamp(0.2, 1.0)
        };
        for (weight, used) in self.weights.iter_mut().zip(&used) {
            if *weight > STOP_WEIGHT {
                *weight = rarity(used.len());
            }
        }
        for (number, (phrase, set)) in self.phrases.iter_mut().zip(sets).enumerate() {
            phrase.weight = set.iter().map(|id| self.weights[*id as usize]).sum();
            phrase.short = set.iter().filter(|id| self.weights[**id as usize] > STOP_WEIGHT).count() <= 2;
            for id in set {
                self.postings[*id as usize].push(u32::try_from(number).unwrap_or(u32::MAX));
            }
        }
    }

    /// The best meaning, unless another is nearly as good. Whether the confidence is enough is the
    /// caller's to say, except for commands, which are found only when they are all but certain.
    pub(crate) fn find(&self, text: &str) -> Option<Match> {
        let words = words(text);
        if words.len() > MAX_WORDS {
            return None;
        }
        let denied = denies(&words);
        let mut asked: Vec<(u32, f32)> = Vec::with_capacity(words.len());
        let mut asked_weight = 0.0;
        for word in words {
            let known = self.known.get(&word).copied().map(|id| (id, 1.0));
            match known.or_else(|| self.guess(&word)) {
                Some((id, sure)) if asked.iter().all(|(other, _)| *other != id) => {
                    asked.push((id, sure));
                    asked_weight += self.weights[id as usize];
                }
                Some(_) => {}
                None if is_stop(&word) => asked_weight += STOP_WEIGHT,
                None => asked_weight += UNKNOWN_WEIGHT,
            }
        }
        if asked.is_empty() {
            return None;
        }
        let mut matched = vec![0.0_f32; self.phrases.len()];
        for (id, sure) in &asked {
            let weight = self.weights[*id as usize] * sure;
            for phrase in &self.postings[*id as usize] {
                matched[*phrase as usize] += weight;
            }
        }
        self.best(&matched, asked_weight, denied)
    }

    fn guess(&self, word: &str) -> Option<(u32, f32)> {
        let stem = self.stems.stem(word);
        let exact = self.ids.get(&stem).map(|id| (*id, 1.0));
        exact.or_else(|| self.typos.find(&stem).map(|id| (id, 0.9)))
    }

    fn best(&self, matched: &[f32], asked_weight: f32, denied: bool) -> Option<Match> {
        let mut best: Option<Match> = None;
        let mut second = 0.0_f32;
        for (phrase, matched) in self.phrases.iter().zip(matched) {
            // "I do not need a bot" orders none.
            let is_opposite = matches!(phrase.meaning, Meaning::Command(_)) && phrase.denies != denied;
            if *matched <= 0.0 || is_opposite {
                continue;
            }
            let confidence = phrase.confidence(*matched, asked_weight);
            if confidence <= 0.0 {
                continue;
            }
            match best {
                Some(top) if top.meaning == phrase.meaning => {
                    if confidence > top.confidence {
                        best = Some(Match { confidence, ..top });
                    }
                }
                Some(top) if confidence <= top.confidence => second = second.max(confidence),
                top => {
                    second = second.max(top.map_or(0.0, |top| top.confidence));
                    best = Some(Match { meaning: phrase.meaning, confidence });
                }
            }
        }
        best.filter(|top| top.confidence - second >= MARGIN)
    }
}

impl Phrase {
    /// How much of the phrase is in the text, and how much of the text is in the phrase.
    fn confidence(&self, matched: f32, asked_weight: f32) -> f32 {
        let of_phrase = (matched / self.weight).min(1.0);
        let of_text = (matched / asked_weight).min(1.0);
        let both = of_phrase.powf(0.62) * of_text.powf(0.38);
        match self.meaning {
            Meaning::Command(_) if of_phrase.min(of_text) < COMMAND => 0.0,
            // A word or two beside much else are what the text is about, not what it asks.
            _ if self.keyword && of_phrase > 0.85 && of_text < KEYWORD_SHARE => of_text,
            _ if self.short && of_phrase > 0.85 && of_text < SHORT_SHARE => of_text,
            _ if self.keyword && of_phrase > 0.85 => both.max(0.35 + 0.6 * of_text),
            _ if self.keyword => 0.0,
            _ => both,
        }
    }
}
