//! The index of a bot's FAQ: built once per folder, then only read.

use std::collections::HashMap;

use bot_folder::{Action, BotFolder, Calibration, FaqEntry};

use super::commands::Commands;
use super::evidence::Weights;
use super::letters::Letters;
use super::lexicon::{Kind, Lexicon, Term};
use super::odds::Odds;
use crate::domain::words::{Form, words};

/// How often a word must be in an entry's phrases to count for half of what it could.
const HALF: f32 = 0.7;
/// What a word that only the answer has is worth beside one of the phrases.
const IN_ANSWER: f32 = 0.3;
/// How much of a word's weight in a phrase hangs on how typical it is of the entry: "price" is of the prices, the
/// "kubernetes" in "price of kubernetes" is not.
const TYPICAL: f32 = 0.6;
/// A word that is in every fourth phrase of an entry is wholly typical.
const OFTEN: f32 = 4.0;
/// How many words of an entry stand for what it is about.
const TOPIC_WORDS: usize = 8;

/// A way to put a question.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) entry: u32,
    /// The sum of its terms' weights.
    pub(super) weight: f32,
    /// By itself it is the question.
    pub(super) keyword: bool,
    pub(super) form: Form,
}

/// What a term is to an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) entry: u32,
    /// How much it speaks for the entry, from 0 to 1.
    pub(super) share: f32,
    /// It is in a phrase, not only in the answer.
    pub(super) in_phrase: bool,
}

#[derive(Debug)]
pub(crate) struct Index {
    pub(super) lexicon: Lexicon,
    pub(super) commands: Commands,
    pub(super) letters: Letters,
    pub(super) weights: Weights,
    /// How many meanings there are: the entries of the FAQ, and after them a human and nothing of ours.
    pub(super) entries: usize,
    pub(super) phrases: Vec<Phrase>,
    /// The phrases as they are written, and what each means.
    pub(super) word_for_word: HashMap<String, usize>,
    /// Per term, what it weighs.
    pub(super) terms: Vec<f32>,
    /// Per term, the phrases it is in and what it weighs there.
    pub(super) in_phrases: Vec<Vec<(u32, f32)>>,
    /// Per term, the entries it is in.
    pub(super) in_entries: Vec<Vec<Posting>>,
    pub(super) odds: Odds,
    /// Per entry, the terms that say what it is about.
    pub(super) topics: Vec<Vec<Term>>,
}

impl Index {
    pub(crate) fn new(folder: &BotFolder) -> Self {
        let calibration = folder.calibration.clone().unwrap_or_else(Calibration::shipped);
        let mut lexicon = Lexicon::new(&folder.faq);
        let mut letters = Letters::default();
        let mut phrases = Vec::new();
        let mut sets: Vec<Vec<Term>> = Vec::new();
        let mut word_for_word = HashMap::new();
        for (entry, text, keyword) in phrases_of(folder) {
            let words = words(text);
            letters.push(&words);
            word_for_word.insert(words.join(" "), entry);
            let entry = u32::try_from(entry).unwrap_or(u32::MAX);
            phrases.push(Phrase { entry, weight: 0.0, keyword, form: Form::of(&words) });
            sets.push(lexicon.learn_all(text));
        }
        letters.finish();
        let answers: Vec<Vec<Term>> =
            folder.faq.entries.iter().map(|entry| answer(&mut lexicon, entry)).collect();
        let mut index = Self {
            terms: vec![0.0; lexicon.len()],
            in_phrases: vec![Vec::new(); lexicon.len()],
            in_entries: vec![Vec::new(); lexicon.len()],
            lexicon,
            commands: Commands::new(&folder.menu),
            letters,
            weights: Weights::from(&calibration),
            entries: folder.faq.entries.len() + 2,
            phrases,
            word_for_word,
            odds: Odds::default(),
            topics: Vec::new(),
        };
        index.count(&sets, &answers);
        index.topics = folder.faq.entries.iter().map(|entry| index.topic(entry)).collect();
        index
    }

    /// The number of the meaning "a human is wanted", which is no entry of the FAQ.
    pub(crate) const fn human(&self) -> usize {
        self.entries - 2
    }

    /// The number of the meaning "nothing of ours": no text is taken for it, but what is like it is taken for less.
    pub(super) const fn nothing(&self) -> usize {
        self.entries - 1
    }

    /// Another calibration for the same index.
    pub(crate) fn set_calibration(&mut self, calibration: &Calibration) {
        self.weights = Weights::from(calibration);
    }

    fn count(&mut self, sets: &[Vec<Term>], answers: &[Vec<Term>]) {
        // Per term, the entries in whose phrases it is, and in how many of them.
        let mut counts: Vec<Vec<(u32, f32)>> = vec![Vec::new(); self.terms.len()];
        for (phrase, set) in self.phrases.iter().zip(sets) {
            for term in set {
                let counts = &mut counts[*term as usize];
                match counts.last_mut() {
                    Some((entry, count)) if *entry == phrase.entry => *count += 1.0,
                    _ => counts.push((phrase.entry, 1.0)),
                }
            }
        }
        self.odds = Odds::new(&counts, self.entries);
        for (term, counts) in counts.iter().enumerate() {
            let number = u32::try_from(term).unwrap_or(u32::MAX);
            self.terms[term] = weight(self.lexicon.kind(number), counts.len(), self.entries);
            self.in_entries[term] = counts
                .iter()
                .map(|(entry, count)| Posting {
                    entry: *entry,
                    share: count / (count + HALF),
                    in_phrase: true,
                })
                .collect();
        }
        let mut sizes = vec![0.0_f32; self.entries];
        self.phrases.iter().for_each(|phrase| sizes[phrase.entry as usize] += 1.0);
        for (number, (phrase, set)) in self.phrases.iter_mut().zip(sets).enumerate() {
            for term in set {
                let term = *term as usize;
                let count = counts[term]
                    .iter()
                    .find(|(entry, _)| *entry == phrase.entry)
                    .map_or(0.0, |(_, count)| *count);
                // What is nothing of ours has nothing in common.
                let is_ours = phrase.entry as usize + 1 < self.entries;
                let typical =
                    if is_ours { (OFTEN * count / sizes[phrase.entry as usize]).min(1.0) } else { 1.0 };
                let weight = self.terms[term] * (1.0 - TYPICAL + TYPICAL * typical);
                phrase.weight += weight;
                self.in_phrases[term].push((u32::try_from(number).unwrap_or(u32::MAX), weight));
            }
        }
        for (entry, set) in answers.iter().enumerate() {
            let entry = u32::try_from(entry).unwrap_or(u32::MAX);
            for term in set {
                let postings = &mut self.in_entries[*term as usize];
                if postings.iter().all(|posting| posting.entry != entry) {
                    postings.push(Posting { entry, share: IN_ANSWER, in_phrase: false });
                }
            }
        }
    }

    /// The most telling terms of the question and the keywords.
    fn topic(&self, entry: &FaqEntry) -> Vec<Term> {
        let texts = entry.question.iter().map(|(_, text)| text);
        let texts = texts.chain(entry.keywords.values().flatten().map(String::as_str));
        let mut terms: Vec<Term> = Vec::new();
        for text in texts {
            for word in self.lexicon.read(&words(text)) {
                if let super::lexicon::Word::Known { term, .. } = word
                    && !terms.contains(&term)
                {
                    terms.push(term);
                }
            }
        }
        let weight = |term: &Term| self.terms[*term as usize];
        terms.retain(|term| self.lexicon.kind(*term) == Kind::Telling);
        terms.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        terms.truncate(TOPIC_WORDS);
        terms
    }
}

/// Every phrase with the number of what it means, in the order in which phrases are numbered; and whether it is a keyword.
pub(super) fn phrases_of(folder: &BotFolder) -> impl Iterator<Item = (usize, &str, bool)> {
    let entries = folder.faq.entries.iter().enumerate();
    let answers =
        entries.flat_map(|(number, entry)| ways(entry).map(move |(text, keyword)| (number, text, keyword)));
    let human = folder.faq.entries.len();
    let calls = calls(folder).map(move |text| (human, text, false));
    let nothing = folder.faq.nothing.values().flatten().map(move |text| (human + 1, text.as_str(), false));
    answers.chain(calls).chain(nothing).filter(|(_, text, _)| text.chars().any(char::is_alphanumeric))
}

/// Every way to put an entry's question, and whether it is a keyword.
fn ways(entry: &FaqEntry) -> impl Iterator<Item = (&str, bool)> {
    let patterns = entry.patterns.values().flatten().map(String::as_str);
    let phrases = entry.question.iter().map(|(_, text)| text).chain(patterns).map(|text| (text, false));
    phrases.chain(entry.keywords.values().flatten().map(|text| (text.as_str(), true)))
}

/// The phrases that call a human. As a command they must stand almost alone; beside the questions of the FAQ they are
/// understood in other words too.
fn calls(folder: &BotFolder) -> impl Iterator<Item = &str> {
    let commands = folder.menu.commands.iter().filter(|command| command.action == Action::Human);
    commands.flat_map(|command| command.phrases.values().flatten()).map(String::as_str)
}

/// The telling terms of an entry's answer, each once.
fn answer(lexicon: &mut Lexicon, entry: &FaqEntry) -> Vec<Term> {
    let mut terms: Vec<Term> = entry.answer.iter().flat_map(|(_, text)| lexicon.learn_all(text)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms.retain(|term| lexicon.kind(*term) == Kind::Telling);
    terms
}

/// What a word weighs: a little one next to nothing, one that is in the phrases of many entries less than one that is in
/// those of few. A word that only answers have weighs like a rare one.
#[expect(clippy::cast_precision_loss, reason = "counts of a folder's entries are small")]
pub(super) fn weight(kind: Kind, entries: usize, all: usize) -> f32 {
    let all = all.max(2) as f32;
    let rarity = ((1.0 + all / entries.max(1) as f32).ln() / (1.0 + all).ln()).clamp(0.15, 1.0);
    match kind {
        Kind::Stop => 0.06,
        Kind::Common => 0.4 * rarity,
        Kind::Telling => rarity,
    }
}

/// What a word weighs that is nowhere in the FAQ.
pub(super) const fn unknown(kind: Kind) -> f32 {
    match kind {
        Kind::Stop => 0.03,
        Kind::Common => 0.1,
        Kind::Telling => 0.9,
    }
}
