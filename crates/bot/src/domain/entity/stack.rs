//! Technologies that a text names, by the names and aliases of the bot's vocabulary.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::found::Found;
use super::plain::Plain;
use crate::domain::words::{Stems, is_cyrillic, is_denial};

/// A name so long means nothing else, however it is written.
const LONG_NAME: usize = 6;

/// More is no description of a stack.
const MAX_NAMES: usize = 12;

/// The aliases of a vocabulary, by the first word of each.
#[derive(Debug, Default)]
pub(in crate::domain) struct Stack {
    stems: Stems,
    by_first: HashMap<String, Vec<Alias>>,
    names: Vec<String>,
}

#[derive(Debug)]
struct Alias {
    /// The words after the first.
    rest: Vec<String>,
    /// As it has to be written, where the vocabulary has capital letters.
    exact: Option<String>,
    name: usize,
}

impl Stack {
    pub(in crate::domain) fn new(vocabulary: &BTreeMap<String, Vec<String>>) -> Self {
        let mut stack = Self::default();
        for (name, aliases) in vocabulary {
            let number = stack.names.len();
            stack.names.push(name.clone());
            // Few people write "TeamCity" so, but "go" and "react" are verbs.
            let long = name.chars().count() >= LONG_NAME;
            stack.add(&if long { name.to_lowercase() } else { name.clone() }, number);
            for alias in aliases {
                stack.add(alias, number);
            }
        }
        for aliases in stack.by_first.values_mut() {
            // The longest first: "github actions" before "github".
            aliases.sort_by_key(|alias| std::cmp::Reverse(alias.rest.len()));
        }
        stack
    }

    fn add(&mut self, alias: &str, name: usize) {
        let exact = alias.chars().any(char::is_uppercase).then(|| alias.to_owned());
        let plain = Plain::new(alias);
        let mut words = terms(plain.chars()).into_iter().map(|(word, _)| self.stem(&word));
        let Some(first) = words.next() else { return };
        let rest = words.collect();
        self.by_first.entry(first).or_default().push(Alias { rest, exact, name });
    }

    fn stem(&self, word: &str) -> String {
        if word.chars().next().is_some_and(is_cyrillic) { self.stems.stem(word) } else { word.to_owned() }
    }

    /// The technologies that a text names, each once, in their order.
    pub(in crate::domain) fn find(&self, text: &str) -> Vec<Found<String>> {
        let mut found: Vec<Found<String>> = Vec::new();
        if self.names.is_empty() {
            return found;
        }
        let plain = Plain::new(text);
        let terms = terms(plain.chars());
        let said: Vec<String> = terms.iter().map(|(word, _)| self.stem(word)).collect();
        let mut at = 0;
        while at < said.len() && found.len() < MAX_NAMES {
            let fits = |alias: &&Alias| {
                let end = at + 1 + alias.rest.len();
                let place = || terms[at].1.start..terms[end - 1].1.end;
                said.get(at + 1..end).is_some_and(|words| words == alias.rest)
                    && alias
                        .exact
                        .as_ref()
                        .is_none_or(|exact| text.get(plain.span(place())) == Some(exact.as_str()))
            };
            let Some(alias) = self.by_first.get(&said[at]).and_then(|aliases| aliases.iter().find(fits))
            else {
                at += 1;
                continue;
            };
            let end = at + 1 + alias.rest.len();
            // "без кубера", "not on Kubernetes"
            let denied = said[at.saturating_sub(2)..at].iter().any(|word| is_denial(word));
            let name = &self.names[alias.name];
            if !denied && found.iter().all(|other| other.value != *name) {
                let span = plain.span(terms[at].1.start..terms[end - 1].1.end);
                found.push(Found::new(name.clone(), text, span, 0.9));
            }
            at = end;
        }
        found
    }
}

/// Words, with the signs that belong to names: `c++`, `c#`, `.net`, `node.js`.
fn terms(chars: &[char]) -> Vec<(String, Range<usize>)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '.');
    let mut terms = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        while at < chars.len() && is_part(chars[at]) {
            at += 1;
        }
        // A full stop is no part of the last word.
        let mut end = at;
        while end > start && chars[end - 1] == '.' {
            end -= 1;
        }
        if chars[start..end].iter().any(|c| c.is_alphanumeric()) && end - start <= 40 {
            terms.push((chars[start..end].iter().collect(), start..end));
        }
        at = at.max(start + 1);
    }
    terms
}
