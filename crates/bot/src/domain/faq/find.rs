//! Finds the answers a text may ask for: three rankings of all entries (by their phrases, by all their words, by their
//! letters) are joined by reciprocal rank; the evidence for the first few makes how sure each is.

use super::commands::Meant;
use super::evidence::{Evidence, Found};
use super::index::{Index, unknown};
use super::lexicon::{Kind, MOST_WORDS, Term, Word};
use crate::domain::words::{Form, words};

/// The constant of reciprocal rank fusion; its choice is not critical.
pub(super) const K: f32 = 60.0;
/// Log odds from which on more make hardly a difference.
const GREAT_ODDS: f32 = 8.0;
/// How many parts of a text are looked at by themselves.
const MOST_CLAUSES: usize = 4;
/// How much a word of the conversation's topic counts beside one of the text.
const TOPIC: f32 = 0.6;

/// An entry that may answer a text, or the wish for a human.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The number of the entry, or that of a human.
    pub(crate) entry: usize,
    /// From 0 to 1: how often such an answer is the right one.
    pub(crate) confidence: f32,
    pub(crate) evidence: Evidence,
}

/// What a text may mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// The number of a command of the menu. It is found only when it is all but certain, and goes before any answer.
    pub(crate) command: Option<usize>,
    /// The surest first; at most five.
    pub(crate) candidates: Vec<Candidate>,
    /// How many of the first can hardly be told apart; 0 where one is alone.
    pub(crate) alike: usize,
    /// How sure it is that it is one of those.
    pub(crate) one_of_them: f32,
}

/// What each entry comes to in one text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    pub(super) found: Found,
    /// How much all its words speak for it.
    pub(super) text: f32,
    /// The same, weighed by how much rather it is said of it than of others.
    odds: f32,
    pub(super) joined: f32,
    /// Its best phrase is whole only with what the topic lends it.
    completed: bool,
}

/// A text, read.
pub(super) struct Text {
    /// Each term once, with what it weighs and how sure it is.
    terms: Vec<(Term, f32, f32)>,
    pub(super) weight: f32,
    pub(super) unknown: f32,
    /// How many telling words the FAQ does not know.
    pub(super) strange: f32,
    pub(super) telling: usize,
    pub(super) form: Form,
}

impl Text {
    fn add_unknown(&mut self, kind: Kind) {
        self.unknown += unknown(kind);
        if kind == Kind::Telling {
            self.telling += 1;
            self.strange += 1.0;
        }
    }
}

impl Index {
    /// What a text means, where nothing was said before it.
    pub(crate) fn find(&self, text: &str) -> Reading {
        let all = words(text);
        let words = without_greeting(&all);
        // Nobody puts a question of the FAQ in so many words; a command even less.
        if words.len() > MOST_WORDS {
            return Reading::default();
        }
        let mut reading = self.candidates(words, text, None);
        self.told(words, &mut reading);
        reading.command =
            self.commands.find(&all).filter(|meant| !is_better(&reading, meant)).map(|meant| meant.command);
        reading
    }

    /// What the bot was told word for word needs no evidence.
    fn told(&self, words: &[String], reading: &mut Reading) {
        let Some(entry) = self.word_for_word.get(&words.join(" ")).copied() else { return };
        // It is on the short list: no phrase fits better than itself.
        reading.candidates.retain(|candidate| candidate.entry == entry);
        reading.candidates.iter_mut().for_each(|candidate| candidate.confidence = 1.0);
        reading.alike = 0;
    }

    /// The entry that a text asks for together with what an answer before it was about ("and for support?" after a price):
    /// the words of that entry's question are lent to it, and a phrase of another that was begun is whole.
    pub(crate) fn find_about(&self, text: &str, topic: usize) -> Option<usize> {
        let lent = self.topics.get(topic)?;
        let words = words(text);
        let text = self.read(&words, None);
        let mut scores = vec![Score::default(); self.entries];
        self.by_phrases(&text, lent, None, &mut scores);
        let whole = scores.iter().enumerate().take(self.human()).filter(|(_, score)| score.completed);
        whole.max_by(|a, b| a.1.found.phrase.total_cmp(&b.1.found.phrase)).map(|(entry, _)| entry)
    }

    pub(super) fn candidates(&self, words: &[String], whole: &str, without: Option<u32>) -> Reading {
        let text = self.read(words, without);
        if text.terms.is_empty() && text.unknown <= 0.0 {
            return Reading::default();
        }
        let mut scores = vec![Score::default(); self.entries];
        self.by_phrases(&text, &[], without, &mut scores);
        self.by_words(&text, without, &mut scores);
        self.by_letters(words, without, &mut scores);
        self.by_clauses(whole, without, &mut scores);
        join(&mut scores, |score| score.found.phrase);
        join(&mut scores, |score| score.odds);
        join(&mut scores, |score| score.found.letters);
        self.judge(&text, &scores)
    }

    fn read(&self, words: &[String], without: Option<u32>) -> Text {
        let mut text = Text {
            terms: Vec::new(),
            weight: 0.0,
            unknown: 0.0,
            strange: 0.0,
            telling: 0,
            form: Form::of(words),
        };
        for word in self.lexicon.read(words) {
            match word {
                // A synonym of words that no phrase has.
                Word::Known { term, .. } if self.in_entries[term as usize].is_empty() => {
                    text.add_unknown(self.lexicon.kind(term));
                }
                Word::Known { term, .. } if self.is_only_in(term, without) => {
                    text.add_unknown(self.lexicon.kind(term));
                }
                Word::Known { term, sure } if text.terms.iter().all(|(other, ..)| *other != term) => {
                    let weight = self.terms[term as usize];
                    text.terms.push((term, weight, sure));
                    text.weight += weight;
                    text.telling += usize::from(self.lexicon.kind(term) == Kind::Telling);
                }
                Word::Known { .. } => {}
                Word::Unknown(kind) => text.add_unknown(kind),
            }
        }
        text.weight += text.unknown;
        text
    }

    fn is_only_in(&self, term: Term, without: Option<u32>) -> bool {
        let phrases = &self.in_phrases[term as usize];
        without.is_some_and(|without| phrases.len() == 1 && phrases[0].0 == without)
    }

    /// The best phrase of each entry: how much of it is in the text, and how much of the text is in it.
    fn by_phrases(&self, text: &Text, topic: &[Term], without: Option<u32>, scores: &mut [Score]) {
        // Per phrase, what is matched by its own weights and by those of the text.
        let mut matched = vec![(0.0_f32, 0.0_f32); self.phrases.len()];
        for (term, weight, sure) in &text.terms {
            for (phrase, in_phrase) in &self.in_phrases[*term as usize] {
                let matched = &mut matched[*phrase as usize];
                matched.0 += in_phrase * sure;
                matched.1 += weight * sure;
            }
        }
        if let Some(without) = without {
            matched[without as usize] = (0.0, 0.0);
        }
        let mut lent = vec![0.0_f32; if topic.is_empty() { 0 } else { self.phrases.len() }];
        for term in topic.iter().filter(|term| text.terms.iter().all(|(own, ..)| own != *term)) {
            for (phrase, weight) in &self.in_phrases[*term as usize] {
                // What the topic lends only completes what the text has begun.
                if matched[*phrase as usize].0 > 0.0 {
                    lent[*phrase as usize] += weight;
                }
            }
        }
        for (number, (phrase, (matched, of_words))) in self.phrases.iter().zip(matched).enumerate() {
            if matched <= 0.0 {
                continue;
            }
            let lent = lent.get(number).copied().unwrap_or(0.0);
            let of_phrase = ((matched + lent * TOPIC) / phrase.weight).min(1.0);
            let of_text = (of_words / text.weight).min(1.0);
            let score = &mut scores[phrase.entry as usize];
            let found = &mut score.found;
            if phrase.keyword {
                if of_phrase < 0.8 {
                    continue;
                }
                found.keyword = found.keyword.max(of_text);
            }
            let fit = (of_phrase * of_text).sqrt();
            if fit > found.phrase {
                let but_not = |asked: bool, is: bool| if asked && !is { 1.0 } else { 0.0 };
                let (is, asked) = (phrase.form, text.form);
                let whole = (matched + lent) / phrase.weight;
                score.completed = lent > 0.0 && of_text > 0.6 && whole > 0.75;
                found.phrase = fit;
                found.of_phrase = of_phrase;
                found.of_text = of_text;
                found.declined = but_not(asked.declines, is.declines);
                found.defined = but_not(asked.defines, is.defines);
                found.compared = but_not(asked.compares, is.compares);
                found.to_us = but_not(is.to_us, asked.to_us);
            }
        }
    }

    fn by_words(&self, text: &Text, without: Option<u32>, scores: &mut [Score]) {
        for (term, weight, sure) in &text.terms {
            let share = weight * sure / text.weight;
            for posting in &self.in_entries[*term as usize] {
                if posting.in_phrase && self.forgets(*term, posting.entry, without) {
                    continue;
                }
                let score = &mut scores[posting.entry as usize];
                score.text += share * posting.share;
                if posting.in_phrase {
                    score.found.entry += share;
                } else {
                    score.found.answer += share;
                }
            }
        }
        let known: Vec<(Term, f32)> = text
            .terms
            .iter()
            .map(|(term, _, sure)| (*term, sure * matters(self.lexicon.kind(*term))))
            .collect();
        let odds = self.odds.of(&known, text.strange, |term, entry| self.forgets(term, entry, without));
        for (score, (odds, share)) in scores.iter_mut().zip(odds) {
            score.odds = odds;
            score.found.odds = (odds / GREAT_ODDS).tanh();
            score.found.share = share;
        }
    }

    /// The best phrase of each entry in one part of the text alone: people say who they are before they ask.
    fn by_clauses(&self, text: &str, without: Option<u32>, scores: &mut [Score]) {
        let clauses: Vec<Vec<String>> = clauses(text).map(words).filter(|words| words.len() >= 2).collect();
        if clauses.len() >= 2 {
            // The question is likelier at the end.
            for words in clauses.iter().rev().take(MOST_CLAUSES) {
                let mut part = vec![Score::default(); self.entries];
                self.by_phrases(&self.read(without_greeting(words), without), &[], without, &mut part);
                for (score, part) in scores.iter_mut().zip(part) {
                    score.found.clause = score.found.clause.max(part.found.phrase);
                }
            }
        }
        for score in scores {
            score.found.clause = score.found.clause.max(score.found.phrase);
        }
    }

    fn by_letters(&self, words: &[String], without: Option<u32>, scores: &mut [Score]) {
        let (mut likeness, _) = self.letters.likeness(words);
        if let Some(without) = without {
            likeness[without as usize] = 0.0;
        }
        // An entry's phrases stand together: to write the best so far of each into the scores, and to read it again for
        // the next, would take longer than all the rest of this.
        let mut likeness = likeness.as_slice();
        for phrases in self.phrases.chunk_by(|one, next| one.entry == next.entry) {
            let (own, rest) = likeness.split_at(phrases.len().min(likeness.len()));
            likeness = rest;
            let best = own.iter().fold(0.0, |best, one| if *one > best { *one } else { best });
            let found = &mut scores[phrases[0].entry as usize].found;
            found.letters = found.letters.max(best);
        }
    }
}

/// How much a word of this kind counts for or against an entry.
const fn matters(kind: Kind) -> f32 {
    match kind {
        Kind::Stop => 0.25,
        Kind::Common => 0.6,
        Kind::Telling => 1.0,
    }
}

/// Adds to each entry what its place in a ranking is worth. What the ranking knows nothing of gets nothing.
fn join(scores: &mut [Score], by: impl Fn(&Score) -> f32) {
    let mut order: Vec<usize> = (0..scores.len()).filter(|entry| by(&scores[*entry]) > 0.0).collect();
    order.sort_by(|a, b| by(&scores[*b]).total_cmp(&by(&scores[*a])));
    for (place, entry) in order.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "counts of a folder's entries are small")]
        let place = place as f32;
        scores[entry].joined += 1.0 / (K + place + 1.0);
    }
}

/// The parts of a text between its marks. A mark inside a word ("1.34", "ci/cd", "node.js") divides nothing.
pub(crate) fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let next = move || {
        let is_end = |at: usize| rest[at..].chars().nth(1).is_none_or(char::is_whitespace);
        let mut marks = rest.char_indices().filter(|(_, c)| matches!(c, '.' | ',' | '!' | '?' | ';' | '\n'));
        let end = marks.find(|(at, c)| *c == '\n' || is_end(*at)).map_or(rest.len(), |(at, _)| at);
        if rest.is_empty() {
            return None;
        }
        let clause = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(clause)
    };
    std::iter::from_fn(next).take(MOST_WORDS)
}

/// What comes after "Good morning".
pub(super) fn without_greeting(words: &[String]) -> &[String] {
    const GREETING: [&str; 26] = [
        "hello",
        "hi",
        "hey",
        "there",
        "good",
        "morning",
        "afternoon",
        "evening",
        "day",
        "dear",
        "greetings",
        "guys",
        "all",
        "здравствуйте",
        "здрасте",
        "здрасьте",
        "привет",
        "приветствую",
        "добрый",
        "доброе",
        "доброго",
        "утро",
        "день",
        "вечер",
        "дня",
        "коллеги",
    ];
    let greeting = words.iter().take_while(|word| GREETING.contains(&word.as_str())).count();
    if greeting < words.len() { &words[greeting..] } else { words }
}

/// Whether an answer fits better than a command: the text is one of its phrases word for word.
fn is_better(reading: &Reading, meant: &Meant) -> bool {
    const PHRASE: usize = 0;
    reading.candidates.iter().any(|candidate| candidate.evidence.0[PHRASE] > meant.fit + 0.01)
}
