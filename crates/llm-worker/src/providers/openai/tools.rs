//! Calls of tools, kept apart: some providers do not count them, send no ids or repeat the name in each piece.

use super::super::{Piece, Problem};

/// Calls of tools in one answer at most.
const MOST_TOOL_CALLS: usize = 128;

/// The calls of one answer, numbered here from 0 in the order in which they begin.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<Known>,
    /// The provider's id of the answer: an id that is made up holds it.
    answer: String,
}

struct Known {
    /// The provider's number, if it counts.
    index: Option<u64>,
    /// The provider's id, if it tells one.
    id: Option<String>,
    name: Option<String>,
    arguments: String,
}

/// A piece of a call as it comes.
pub(super) struct Part {
    pub(super) index: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) arguments: String,
    /// It is all of the call.
    pub(super) is_whole: bool,
}

impl Calls {
    /// Notes the id of the answer, once.
    pub(super) fn of_answer(&mut self, id: &str) {
        if self.answer.is_empty() {
            let tail = id.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            self.answer = tail.chars().take(24).collect();
        }
    }

    /// The piece as it goes on: with the number of its call, and with id and name once.
    pub(super) fn take(&mut self, part: Part) -> Result<Piece, Problem> {
        let known = if part.is_whole { None } else { self.find(&part) };
        let at = match known {
            Some(at) => at,
            None if self.calls.len() >= MOST_TOOL_CALLS => {
                return Err(Problem::Malformed("it calls more than 128 tools"));
            }
            None => {
                let at = self.calls.len();
                let id = part.id.clone().unwrap_or_else(|| self.made_up(at));
                self.calls.push(Known {
                    index: part.index,
                    id: part.id,
                    name: part.name.clone(),
                    arguments: part.arguments.clone(),
                });
                return Ok(piece(at, Some(id), part.name, part.arguments));
            }
        };
        let name = self.calls.get_mut(at).and_then(|call| {
            call.arguments.push_str(&part.arguments);
            let name = part.name.filter(|_| call.name.is_none());
            call.name = call.name.take().or_else(|| name.clone());
            name
        });
        Ok(piece(at, None, name, part.arguments))
    }

    /// What is missing at the end: a tool that takes nothing is called with an empty object.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Piece> + '_ {
        let empty = self.calls.iter_mut().enumerate().filter(|(_, call)| call.arguments.trim().is_empty());
        empty.map(|(at, call)| {
            call.arguments.push_str("{}");
            piece(at, None, None, "{}".to_owned())
        })
    }

    /// Which call goes on with this piece; none: it begins another.
    fn find(&self, part: &Part) -> Option<usize> {
        let last = |fits: &dyn Fn(&Known) -> bool| self.calls.iter().rposition(fits);
        let at_index = last(&|call| call.index == part.index);
        if let Some(id) = &part.id {
            let same = last(&|call| call.index == part.index && call.id.as_ref() == Some(id));
            // An id that comes late belongs to the call that began without one.
            let late = || {
                at_index.filter(|at| {
                    part.name.is_none() && self.calls.get(*at).is_some_and(|call| call.id.is_none())
                })
            };
            return same.or_else(late);
        }
        let at = match (part.index, &part.name) {
            (Some(_), Some(_)) => at_index?,
            // Nothing says whose it is.
            _ => at_index.or(self.calls.len().checked_sub(1))?,
        };
        let begins = self.calls.get(at).is_some_and(|call| call.is_followed_by(part));
        (!begins).then_some(at)
    }

    fn made_up(&self, at: usize) -> String {
        if self.answer.is_empty() { format!("call_{at}") } else { format!("call_{}_{at}", self.answer) }
    }
}

impl Known {
    /// Whether a piece without an id is the beginning of another call: it names another tool, or this one again when
    /// all was said.
    fn is_followed_by(&self, part: &Part) -> bool {
        let (Some(name), Some(known)) = (&part.name, &self.name) else { return false };
        let is_said = || serde_json::from_str::<serde::de::IgnoredAny>(&self.arguments).is_ok();
        name != known || self.id.is_none() && !part.arguments.is_empty() && is_said()
    }
}

fn piece(at: usize, id: Option<String>, name: Option<String>, arguments: String) -> Piece {
    Piece::ToolCall { index: u32::try_from(at).unwrap_or(u32::MAX), id, name, arguments }
}
