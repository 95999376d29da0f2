//! What it is that costs nothing: that the estimate is free does not make the work free.

use std::collections::HashSet;

use super::lexis::Token;
use super::reading::Reading;
use crate::domain::stems::Stems;

/// Words that may stand beside "free" and do not say what is: its own, and those that tell one of several.
const BESIDE: &str = "free charge cost costs nothing complimentary gratis no not first second next whole every нет да не \
    бесплатно бесплатный бесплатная бесплатен бесплатна даром безвозмездно ничего стоит стоят платно платный платная первый \
    первая первое второй весь любой";
/// So much of what the answer calls free has to stand where a source says so: 1 in 2.
const SHARE: usize = 2;

/// Whether what the answer calls free at the place `at` is what a source calls free. Where its clause names nothing
/// ("which is free", "yes, it is free"), what stands before it counts, and at last what was asked.
pub(super) fn is_backed(answer: &[Token], at: usize, given: &Reading, asked: &[&str]) -> bool {
    let words = Words::default();
    let sources: Vec<HashSet<String>> = given.free().map(|at| words.around(&given.tokens, at)).collect();
    let clause = words.telling(&answer[start(answer, at, is_break)..end(answer, at, is_break)]);
    if !clause.is_empty() {
        let held = |source: &HashSet<String>| clause.iter().filter(|word| source.contains(*word)).count();
        // Words of another language can not be compared; such a source counts where none can be.
        let mut alike = sources.iter().filter(|source| writes_alike(source, &clause)).peekable();
        return alike.peek().is_none() || alike.any(|source| held(source) * SHARE >= clause.len());
    }
    let sentence = start(answer, at, is_stop);
    let before = start(answer, sentence.saturating_sub(1), is_stop);
    let question = asked.last().map(|text| Reading::of(text).tokens).unwrap_or_default();
    let wider = [&answer[sentence..at], &answer[before..sentence], &question];
    let named = wider.into_iter().map(|tokens| words.telling(tokens)).find(|named| !named.is_empty());
    named.is_none_or(|named| sources.iter().any(|source| !source.is_disjoint(&named)))
}

fn is_beside(word: &str) -> bool {
    BESIDE.split_whitespace().any(|beside| beside == word)
}

/// Whether two texts share a script.
fn writes_alike(one: &HashSet<String>, other: &HashSet<String>) -> bool {
    let is_latin = |word: &String| word.starts_with(|c: char| c.is_ascii_alphabetic());
    one.iter().any(|word| other.iter().any(|with| is_latin(word) == is_latin(with)))
}

#[derive(Default)]
struct Words(Stems);

impl Words {
    /// Stems of the words that say what is spoken of.
    fn telling(&self, tokens: &[Token]) -> HashSet<String> {
        let words = tokens.iter().filter_map(|token| match token {
            Token::Word { text, .. } if !is_beside(text) => Some(text.as_str()),
            _ => None,
        });
        self.0.telling(&words.collect::<Vec<_>>().join(" ")).into_iter().collect()
    }

    /// Of the sentence around `at` and of the one before it, which may be a heading or a question.
    fn around(&self, tokens: &[Token], at: usize) -> HashSet<String> {
        let sentence = start(tokens, at, is_stop);
        let before = start(tokens, sentence.saturating_sub(1), is_stop);
        self.telling(&tokens[before..end(tokens, at, is_stop)])
    }
}

fn start(tokens: &[Token], at: usize, cut: fn(&Token) -> bool) -> usize {
    tokens[..at].iter().rposition(cut).map_or(0, |place| place + 1)
}

fn end(tokens: &[Token], at: usize, cut: fn(&Token) -> bool) -> usize {
    tokens[at..].iter().position(cut).map_or(tokens.len(), |place| at + place)
}

fn is_stop(token: &Token) -> bool {
    *token == Token::Stop
}

/// A dash parts clauses or words ("pre-sale"); it is left inside.
fn is_break(token: &Token) -> bool {
    matches!(token, Token::Stop | Token::Sign(',' | ';' | ':' | '(' | ')'))
}
