//! What is remembered of turns between two messages. Bounded: `bot.yml` says how much one turn may hold.

use bot_folder::Turns as Bounds;
use ids::{Pii, RequestId};
use serde::{Deserialize, Serialize};

use crate::domain::{Pending, Source};

/// Late answers that are told apart from others. Older ones are dropped as well, only with another reason.
const MOST_SUPERSEDED: usize = 16;

/// One message of a turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Telegram's number of the message; 0 where unknown.
    #[serde(default, rename = "m")]
    pub message_id: i64,
    /// Its words; not kept where nothing needs them any more.
    #[serde(default, rename = "t", skip_serializing_if = "is_empty")]
    pub text: Pii<String>,
}

/// Where the person's turns stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turns {
    /// The person's newest message; 0 where they last pressed a button.
    #[serde(skip_serializing_if = "is_zero")]
    pub newest: i64,
    /// The newest turn, once it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<AnsweredTurn>,
    /// Questions in whose place newer ones have come, oldest first: their answers are not wanted any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<RequestId>,
}

/// A turn that was answered, as far as an edit needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnsweredTurn {
    /// Their words are kept only where there are several.
    pub parts: Vec<Part>,
    pub source: Source,
    /// Unix milliseconds.
    pub at_ms: i64,
    /// It sent a lead, which can not be taken back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub captured: bool,
}

impl Turns {
    #[must_use]
    pub fn is_new(&self) -> bool {
        *self == Self::default()
    }

    pub(in crate::domain) fn supersede(&mut self, question: RequestId) {
        if self.superseded.len() >= MOST_SUPERSEDED {
            self.superseded.remove(0);
        }
        self.superseded.push(question);
    }

    /// Whether this question's answer is not wanted any more; it is told once.
    pub(in crate::domain) fn was_superseded(&mut self, question: RequestId) -> bool {
        let found = self.superseded.iter().position(|known| *known == question);
        found.map(|at| self.superseded.remove(at)).is_some()
    }
}

impl Pending {
    pub(super) fn chars(&self) -> usize {
        self.parts.iter().map(|part| part.text.expose().chars().count()).sum()
    }

    /// Whether what this person says in this forum topic may belong to it.
    pub(super) fn is_of(&self, asked_by: i64, topic: Option<i64>) -> bool {
        self.asked_by == asked_by && self.topic == topic
    }

    /// Whether another message may become a part of it.
    pub(super) fn has_room(&self, text: &str, bounds: &Bounds) -> bool {
        self.parts.len() < bounds.most_messages as usize
            && self.chars() + text.chars().count() <= bounds.most_chars as usize
    }

    /// Whether nothing more may come.
    pub(super) fn is_full(&self, bounds: &Bounds) -> bool {
        !self.has_room("", bounds) || self.chars() >= bounds.most_chars as usize
    }

    /// The newest of its messages; 0 where unknown.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.parts.last().map_or(0, |part| part.message_id)
    }
}

/// All words of a turn, a line for each message.
pub(super) fn joined(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.expose().as_str()).collect();
    texts.join("\n")
}

pub(super) fn place_of(parts: &[Part], message_id: i64) -> Option<usize> {
    parts.iter().position(|part| part.message_id == message_id && message_id != 0)
}

fn is_empty(text: &Pii<String>) -> bool {
    text.expose().is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(value: &i64) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
