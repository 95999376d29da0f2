//! What a model is shown: the rules, what is known of the person, what was said before, the sources and the last
//! turns, within a budget of tokens. What does not fit is left out in an order: the oldest turns first; the newest
//! turn always stays.

mod facts;
mod fence;
mod summary;
mod tokens;

use std::fmt;

use super::mask::{Mask, broken};
use super::question::{Source, Turn};

pub(crate) use facts::{Fact, hide_facts};
pub(crate) use fence::{Fence, defang, has_fence};
pub(crate) use summary::{Due, INSTRUCTION, Summary, due, read, told};
pub(crate) use tokens::{Counter, PER_MESSAGE, kind_of};

/// A turn longer than this is cut before it is looked at; nobody asks for so long.
const MOST_TURN_CHARS: usize = 4_096;
/// The newest turn is not cut below this.
const LEAST_TURN: usize = 32;

/// What may be shown.
pub(crate) struct Parts<'a> {
    /// The bot's prompt and the rules of this program.
    pub(crate) rules: &'a str,
    pub(crate) facts: &'a [Fact],
    pub(crate) summary: Option<&'a Summary>,
    /// The best first.
    pub(crate) sources: &'a [Source],
    /// Oldest first; the last is what is asked.
    pub(crate) turns: &'a [Turn],
}

/// How much of it may be shown, counted how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) tokens: usize,
    pub(crate) counter: Counter,
}

/// What is shown.
#[derive(Clone, PartialEq)]
pub(crate) struct Context {
    pub(crate) system: String,
    /// By the person or not, and what: they take turns, and a person begins. Some providers refuse anything else.
    pub(crate) said: Vec<(bool, String)>,
    /// How many sources: the first ones.
    pub(crate) sources: usize,
    /// What all of it takes.
    pub(crate) tokens: usize,
}

/// Without a word of anybody.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

/// The rules and the newest turn alone are more than the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the rules and the question take more than the {budget} tokens that a prompt may take: raise `prompt_tokens`, or shorten the bot's prompt"
)]
pub(crate) struct TooSmall {
    pub(crate) budget: usize,
}

/// What is taken out of what is left.
struct Purse {
    left: usize,
    counter: Counter,
}

impl Purse {
    fn pay(&mut self, text: &str) -> bool {
        // What joins two texts is a token or two.
        self.pay_with(text, 2)
    }

    fn pay_with(&mut self, text: &str, more: usize) -> bool {
        let cost = self.counter.count(text) + more;
        let pays = cost <= self.left;
        if pays {
            self.left -= cost;
        }
        pays
    }
}

/// The text of a turn as it goes out, or `None` where nothing is left of it. What is hidden in it is shown by
/// `mask` then.
pub(crate) fn outgoing(turn: &Turn, mask: &mut Mask) -> Option<String> {
    let text: String = turn.text.expose().trim().chars().take(MOST_TURN_CHARS).collect();
    let text = mask.hide(&defang(&text));
    (!text.trim().is_empty()).then_some(text)
}

/// Fits the parts into the budget.
pub(crate) fn fit(
    parts: &Parts<'_>,
    budget: Budget,
    fence: &Fence,
    mask: &mut Mask,
) -> Result<Context, TooSmall> {
    let Budget { tokens, counter } = budget;
    let too_small = TooSmall { budget: tokens };
    let mut purse = Purse { left: tokens.checked_sub(2 * PER_MESSAGE).ok_or(too_small)?, counter };
    if !purse.pay(parts.rules) || purse.left < LEAST_TURN + PER_MESSAGE {
        return Err(too_small);
    }
    // In the order of the talk, so that masks are counted as they were met.
    let facts = facts::block(parts.facts, fence, mask);
    let covered = parts.summary.map_or(0, |summary| summary.covers(parts.turns));
    let mut turns: Vec<(bool, String)> = parts
        .turns
        .iter()
        .skip(covered.min(parts.turns.len().saturating_sub(1)))
        .filter_map(|turn| Some((turn.by_person, outgoing(turn, mask)?)))
        .collect();
    let newest = turns.pop().map(|(by, text)| (by, counter.cut(&text, (purse.left / 2).max(LEAST_TURN))));
    if let Some((_, text)) = &newest
        && !purse.pay(text)
    {
        return Err(too_small);
    }
    let mut system = vec![parts.rules.to_owned()];
    if let Some(facts) = facts.filter(|facts| counter.count(facts) <= purse.left / 8 && purse.pay(facts)) {
        system.push(facts);
    }
    if let Some(summary) = parts.summary {
        let text = counter.cut(&summary.text, purse.left / 4);
        let block = fence.wrap("earlier", &[], &text);
        if purse.pay(&block) {
            mask.show(&block);
            system.push(block);
        }
    }
    let sources = sources(parts.sources, fence, &mut purse);
    let shown = sources.len();
    system.extend(sources);
    if shown == 0 {
        system.push("There are no sources about this.".to_owned());
        purse.left = purse.left.saturating_sub(counter.count("There are no sources about this.") + 2);
    }
    let mut last: Vec<(bool, String)> = newest.into_iter().collect();
    while let Some((by, text)) = turns.pop() {
        if !purse.pay_with(&text, PER_MESSAGE) {
            break;
        }
        last.push((by, text));
    }
    last.reverse();
    Ok(settle(system, last, shown, budget))
}

/// Joins what was chosen. Texts that are joined may count a little otherwise than apart, so what is too much by
/// then goes: the oldest turns, then what stands after the rules.
fn settle(
    mut system: Vec<String>,
    mut turns: Vec<(bool, String)>,
    mut sources: usize,
    budget: Budget,
) -> Context {
    loop {
        let begin = turns.iter().position(|(by, _)| *by).unwrap_or(0);
        let said = joined(&turns[begin..]);
        let text = system.join("\n\n");
        let count = |text: &str| budget.counter.count(text) + PER_MESSAGE;
        let tokens = count(&text) + said.iter().map(|(_, text)| count(text)).sum::<usize>();
        if tokens <= budget.tokens || turns.len() <= 1 && system.len() <= 1 {
            return Context { system: text, said, sources, tokens };
        }
        if turns.len() > 1 {
            turns.remove(0);
        } else {
            system.pop();
            sources = sources.saturating_sub(1);
        }
    }
}

/// What one side says in a row is one message.
fn joined(turns: &[(bool, String)]) -> Vec<(bool, String)> {
    let mut messages: Vec<(bool, String)> = Vec::with_capacity(turns.len());
    for (by, text) in turns {
        match messages.last_mut() {
            Some((last, said)) if last == by => {
                said.push('\n');
                said.push_str(text);
            }
            _ => messages.push((*by, text.clone())),
        }
    }
    messages
}

/// The sources between their fences, as far as half of what is left goes. They are numbered from 1.
fn sources(sources: &[Source], fence: &Fence, purse: &mut Purse) -> Vec<String> {
    let least = purse.left / 2;
    let mut blocks = Vec::new();
    for (number, source) in (1..).zip(sources) {
        let number = format!("{number}");
        let (heading, text) = (broken(&source.heading), broken(&source.text));
        let attributes = [("number", number.as_str()), ("title", heading.as_str())];
        let block = fence.wrap("source", &attributes, &text);
        let cost = purse.counter.count(&block) + 2;
        if purse.left < least + cost || !purse.pay(&block) {
            break;
        }
        blocks.push(block);
    }
    blocks
}

#[cfg(test)]
mod tests;
