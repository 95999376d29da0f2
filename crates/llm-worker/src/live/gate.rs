//! What of an answer may be seen before it is whole.

use crate::domain::answer::Reply;
use crate::domain::context::defang;
use crate::domain::leak::Filter;
use crate::domain::question::{Question, Source};
use crate::domain::{claims, reply};

use super::sentence::cut;

/// UTF-16 units of one message.
const MOST: usize = 4096;
/// Bytes without a cut, beyond which this is no text for people.
const LONGEST_SENTENCE: usize = 8 * 1024;
const THOUGHTS: &str = "<think>";
const THOUGHTS_END: &str = "</think>";
/// What a model tells the bot, and nobody else.
const VERDICTS: [&str; 4] = ["@continue", "@clarify", "@handoff", "@resolve"];

/// Lets out whole sentences of an answer while it comes, as the whole answer would show them. It shuts for good at the
/// first sentence that could not stand in an answer: what behind it might put it right, the whole answer tells.
pub(crate) struct Gate<'a> {
    question: &'a Question,
    filter: Filter<'a>,
    /// As they are numbered in the answer.
    sources: &'a [Source],
    written: String,
    /// How much of it was let out.
    out: usize,
    shown: String,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// What has come is nothing, or may be thoughts.
    Beginning,
    Thinking,
    Open,
    Shut,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(question: &'a Question, sources: &'a [Source]) -> Self {
        let stage = Stage::Beginning;
        let filter = Filter::of(question);
        Self { question, filter, sources, written: String::new(), out: 0, shown: String::new(), stage }
    }

    /// All that may be seen so far: plain text, at most 4,096 UTF-16 units.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Takes what comes next; whether more may be seen than before.
    pub(crate) fn push(&mut self, text: &str) -> bool {
        if self.stage == Stage::Shut {
            return false;
        }
        self.written.push_str(text);
        self.pass_thoughts();
        let before = self.shown.len();
        while self.stage == Stage::Open {
            let Some(end) = cut(&self.written, self.out) else {
                if self.written.len() - self.out > LONGEST_SENTENCE {
                    self.stage = Stage::Shut;
                }
                break;
            };
            match self.fit(end) {
                Some(text) => (self.shown, self.out) = (text, end),
                None => self.stage = Stage::Shut,
            }
        }
        self.shown.len() != before
    }

    /// Thoughts stand before an answer. They may be long, so they are not kept.
    fn pass_thoughts(&mut self) {
        if self.stage == Stage::Beginning {
            let begun = self.written.trim_start();
            if begun.starts_with(THOUGHTS) {
                self.stage = Stage::Thinking;
            } else if !THOUGHTS.starts_with(begun) {
                self.stage = Stage::Open;
            }
        }
        if self.stage == Stage::Thinking {
            if let Some(at) = self.written.find(THOUGHTS_END) {
                self.written.drain(..at + THOUGHTS_END.len());
                self.stage = Stage::Open;
            } else {
                let mut kept = self.written.len().saturating_sub(THOUGHTS_END.len());
                while !self.written.is_char_boundary(kept) {
                    kept -= 1;
                }
                self.written.drain(..kept);
            }
        }
    }

    /// What is written up to `end` as an answer shows it, if it may be seen.
    fn fit(&self, end: usize) -> Option<String> {
        let written = &self.written[..end];
        let lower = written.to_lowercase();
        if VERDICTS.iter().any(|verdict| lower.contains(verdict)) {
            return None;
        }
        let Reply::Text { text, citations, .. } = reply::read(written, self.sources) else { return None };
        // Marks of prompts and of messages, and what passes itself off for somebody's words.
        let is_plain = defang(&text) == text;
        let has_room = text.encode_utf16().count() <= MOST;
        let grows = text.len() >= self.shown.len();
        let said: Vec<&str> = self.question.words_of_person().collect();
        let is_founded = claims::unfounded(&text, &self.question.words_behind(&citations), &said).is_none();
        let is_ours = || self.filter.leak(&text).is_none();
        (is_plain && has_room && grows && is_founded && is_ours()).then_some(text)
    }
}
