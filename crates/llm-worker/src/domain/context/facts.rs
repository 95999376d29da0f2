//! What the bot already knows of the person it talks to.

use ids::Pii;

use super::Fence;
use crate::domain::mask::{Kind, Mask};

const MOST: usize = 16;
const LONGEST: usize = 200;

/// What there is to know; anything else is not passed on.
const KINDS: [&str; 9] =
    ["name", "email", "phone", "company", "deadline", "stack", "budget", "language", "time_zone"];

/// One thing that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// One of the kinds: "company".
    pub(crate) kind: String,
    pub(crate) value: Pii<String>,
}

/// The facts between their fences, one a line; `None` where nothing is known.
pub(super) fn block(facts: &[Fact], fence: &Fence, mask: &mut Mask) -> Option<String> {
    let lines: Vec<String> = facts.iter().take(MOST).filter_map(|fact| line(fact, mask)).collect();
    (!lines.is_empty()).then(|| fence.wrap("facts", &[], &lines.join("\n")))
}

/// Gives every fact its mask.
pub(crate) fn hide_facts(facts: &[Fact], mask: &mut Mask) {
    facts.iter().take(MOST).for_each(|fact| {
        line(fact, mask);
    });
}

fn line(fact: &Fact, mask: &mut Mask) -> Option<String> {
    let kind = KINDS.iter().find(|kind| **kind == fact.kind)?;
    let value = fact.value.expose();
    let value: String =
        value.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
    if value.is_empty() {
        return None;
    }
    let value = match *kind {
        "name" => mask.hide_whole(Kind::Name, &value),
        "email" => mask.hide_whole(Kind::Email, &value),
        "phone" => mask.hide_whole(Kind::Phone, &value),
        _ => mask.hide(&value),
    };
    Some(format!("{kind}: {value}"))
}
