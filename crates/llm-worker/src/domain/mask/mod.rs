//! What says who a person is stays here: names, numbers, addresses and secrets go to a provider as `<PHONE_1>` and
//! come back as themselves.
//!
//! A value is found by its pattern, by the words before it and by its check digits; two of the three are enough.
//! It is the same mask in every call of its conversation: the masks are kept with the conversation
//! (`store/masks.rs`), because what a model is shown is a window of the turns and a summary of those before it, and
//! numbers counted within a window would change when it moves. An answer is unmasked with the masks that its own
//! call has shown, and no others.

mod address;
mod checksum;
mod contact;
mod cue;
mod digits;
mod kind;
mod network;
mod passport;
mod person;
mod scan;
mod secret;
mod token;
mod unmask;
mod wallet;
mod words;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use ids::Pii;

pub(crate) use kind::Kind;
pub(crate) use token::broken;
pub(crate) use unmask::Unmask;

/// A conversation has no more masks than that; what is found beyond them is hidden for good.
pub(crate) const MOST_MASKS: usize = 1_000;

/// One mask: which it is and what it stands for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    pub(crate) number: u32,
    pub(crate) value: Pii<String>,
}

/// Whether a mask, or what looks like one, stands in a text: words of somebody's conversation.
pub(crate) fn has_mask(text: &str) -> bool {
    masks_in(text).next().is_some()
}

/// The masks of a text, and what looks like one, as they stand there.
pub(crate) fn masks_in(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().filter_map(|(at, _)| {
        let length = token::typed(&text[at..])?;
        text.get(at..at + length)
    })
}

/// The masks of one conversation. The same value is the same mask wherever it stands.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    /// In the order they were met.
    known: Vec<Known>,
    by_value: HashMap<(Kind, String), usize>,
    by_number: HashMap<(Kind, u32), usize>,
    highest: HashMap<Kind, u32>,
    names: HashSet<String>,
    /// How many of the known ones are kept already.
    kept: usize,
    /// Those that the present call shows, by their places.
    shown: HashSet<usize>,
    /// How often each kind was hidden in the present call.
    tally: BTreeMap<&'static str, u64>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Mask {
    /// The masks that a conversation has.
    pub(crate) fn of(kept: impl IntoIterator<Item = Known>) -> Self {
        let mut mask = Self::default();
        for known in kept {
            if known.kind == Kind::Name {
                mask.names.extend(parts_of_name(known.value.expose()));
            }
            mask.add(known);
        }
        mask.kept = mask.known.len();
        mask
    }

    /// The same masks, for a call that has shown none of them yet.
    pub(crate) fn for_next_call(mut self) -> Self {
        self.kept = self.known.len();
        self.shown.clear();
        self.tally.clear();
        self
    }

    /// Those that are new since then, to be kept before the call goes out.
    pub(crate) fn new_ones(&self) -> &[Known] {
        &self.known[self.kept..]
    }

    /// What the masks of the conversation stand for.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.value.expose().as_str())
    }

    /// The text as a stranger may read it.
    pub(crate) fn hide(&mut self, text: &str) -> String {
        let mut hidden = String::with_capacity(text.len() + 16);
        let mut names = std::mem::take(&mut self.names);
        let mut scan = scan::Scan::new(text, &mut names);
        let mut at = 0;
        while let Some(found) = scan.next() {
            hidden.push_str(&text[at..found.start]);
            hidden.push_str(&self.mask(found.kind, &text[found.start..found.end]));
            at = found.end;
        }
        hidden.push_str(&text[at..]);
        self.names = names;
        hidden
    }

    /// Hides a value that is known to be of this kind.
    pub(crate) fn hide_whole(&mut self, kind: Kind, value: &str) -> String {
        if kind == Kind::Name {
            self.names.extend(parts_of_name(value));
        }
        self.mask(kind, value)
    }

    /// A text that is masked already (a summary) goes out with this call: its masks may come back.
    pub(crate) fn show(&mut self, masked: &str) {
        let mut rest = masked;
        while let Some(at) = rest.find('<') {
            rest = &rest[at..];
            let length = match token::read(rest) {
                token::Read::Mask { kind, number, length } => {
                    self.shown.extend(self.by_number.get(&(kind, number)));
                    length
                }
                token::Read::Begun | token::Read::No => 1,
            };
            rest = &rest[length..];
        }
    }

    /// The text with what its masks stand for.
    pub(crate) fn reveal(&self, text: &str) -> String {
        let mut unmask = self.unmask();
        let plain = unmask.push(text);
        plain + &unmask.finish()
    }

    /// Turns masks back in an answer that comes in pieces.
    pub(crate) fn unmask(&self) -> Unmask {
        let shown = self.shown.iter().filter_map(|at| self.known.get(*at));
        Unmask::of(shown.map(|known| ((known.kind, known.number), known.value.clone())))
    }

    /// What was hidden since it was made, by kind: what may be logged and counted.
    pub(crate) fn tally(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.tally.iter().map(|(kind, count)| (*kind, *count))
    }

    fn mask(&mut self, kind: Kind, value: &str) -> String {
        *self.tally.entry(kind.word()).or_default() += 1;
        let known = self.by_value.get(&(kind, value.to_owned())).copied();
        let at = match known {
            Some(at) => at,
            None if self.known.len() >= MOST_MASKS => return format!("<{}>", kind.word()),
            None => {
                let number = self.highest.get(&kind).map_or(1, |highest| highest + 1);
                self.add(Known { kind, number, value: Pii::new(value.to_owned()) })
            }
        };
        self.shown.insert(at);
        token::write(kind, self.known[at].number)
    }

    fn add(&mut self, known: Known) -> usize {
        let at = self.known.len();
        self.by_value.insert((known.kind, known.value.expose().clone()), at);
        self.by_number.insert((known.kind, known.number), at);
        let highest = self.highest.entry(known.kind).or_default();
        *highest = known.number.max(*highest);
        self.known.push(known);
        at
    }
}

/// The words of a name that are hidden alone, too.
fn parts_of_name(name: &str) -> impl Iterator<Item = String> {
    name.split(' ').filter(|part| part.chars().count() > 2 && !part.contains('.')).map(str::to_owned)
}
