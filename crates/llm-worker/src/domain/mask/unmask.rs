//! Masks turned back into what they stand for, also where they come in pieces.

use std::collections::HashMap;

use ids::Pii;

use super::kind::Kind;
use super::token::{self, Read};

/// Unmasks an answer piece by piece. What may be the beginning of a mask is held back until it is one or is
/// none; that is 16 bytes at most.
pub(crate) struct Unmask {
    shown: HashMap<(Kind, u32), Pii<String>>,
    held: String,
    address: Address,
}

impl Unmask {
    pub(super) fn of(shown: impl Iterator<Item = ((Kind, u32), Pii<String>)>) -> Self {
        Self { shown: shown.collect(), held: String::new(), address: Address::default() }
    }

    /// As much of the answer as is certain now.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        let mut address = std::mem::take(&mut self.address);
        let (plain, read) = reveal(&self.held, false, &mut address, |kind, number| self.value(kind, number));
        self.address = address;
        self.held.drain(..read);
        plain
    }

    /// The rest, when nothing more comes.
    pub(crate) fn finish(mut self) -> String {
        let mut address = std::mem::take(&mut self.address);
        reveal(&self.held, true, &mut address, |kind, number| self.value(kind, number)).0
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    fn value(&self, kind: Kind, number: u32) -> Option<&str> {
        self.shown.get(&(kind, number)).map(|value| value.expose().as_str())
    }
}

/// Whether a text stands inside an address: whoever is made to open one would carry a value out in it, so no mask in
/// it is unmasked.
#[derive(Default)]
struct Address {
    /// The end of the run of letters without a space, in small ones; as long as the longest beginning.
    tail: String,
    is_inside: bool,
    /// Nothing of it has come but its beginning: a name or a host that stands there was hidden with it.
    has_begun: bool,
}

/// How an address begins.
const BEGINNINGS: [&str; 6] = ["http://", "https://", "tg://", "www.", "t.me/", "telegram.me/"];
const LONGEST_BEGINNING: usize = 12;

impl Address {
    fn lets(&self, kind: Kind) -> bool {
        !self.is_inside || self.has_begun && matches!(kind, Kind::Username | Kind::Ip)
    }

    fn read(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.is_inside = false;
                self.tail.clear();
                continue;
            }
            if self.is_inside {
                self.has_begun = false;
                continue;
            }
            self.tail.push(c.to_ascii_lowercase());
            self.is_inside = BEGINNINGS.iter().any(|beginning| self.tail.ends_with(beginning));
            self.has_begun = self.is_inside;
            while self.tail.len() > LONGEST_BEGINNING {
                self.tail.remove(0);
            }
        }
    }
}

/// The text with the values of its masks, and how much of it was read: all of it if it is the `last` of a text.
/// What a mask stands for is not read again.
fn reveal<'a>(
    text: &str,
    last: bool,
    address: &mut Address,
    value: impl Fn(Kind, u32) -> Option<&'a str>,
) -> (String, usize) {
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        plain.push_str(&text[at..at + found]);
        address.read(&text[at..at + found]);
        at += found;
        let length = match token::read(&text[at..]) {
            Read::Begun if !last => return (plain, at),
            Read::Mask { kind, number, length } => match value(kind, number).filter(|_| address.lets(kind)) {
                Some(value) => {
                    address.read(value);
                    plain.push_str(value);
                    at += length;
                    continue;
                }
                None => length,
            },
            Read::Begun | Read::No => 1,
        };
        plain.push_str(&text[at..at + length]);
        address.read(&text[at..at + length]);
        at += length;
    }
    plain.push_str(&text[at..]);
    address.read(&text[at..]);
    (plain, text.len())
}
