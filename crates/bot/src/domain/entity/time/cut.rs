//! Cuts a text into what the reading of times looks at: words, numbers, signs.

use std::ops::Range;

/// The longest word that means something here.
const MAX_WORD: usize = 24;

/// One piece of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    /// Small letters, digits, or one sign.
    pub(super) text: String,
    /// Of digits.
    pub(super) number: Option<u32>,
    pub(super) chars: Range<usize>,
}

/// A text in pieces. Beyond its ends there are empty ones.
#[derive(Debug)]
pub(super) struct Pieces {
    all: Vec<Piece>,
    nothing: Piece,
    /// How many words and numbers there are.
    pub(super) words: usize,
}

impl Pieces {
    pub(super) fn new(chars: &[char]) -> Self {
        let mut all = Vec::new();
        let mut words = 0;
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            let start = at;
            let is_one = |c: char| match chars[start] {
                first if first.is_ascii_digit() => c.is_ascii_digit(),
                first if first.is_alphabetic() => c.is_alphabetic() || c == '\'',
                _ => false,
            };
            at += 1;
            while chars.get(at).is_some_and(|c| is_one(*c)) {
                at += 1;
            }
            if c == ' ' || c == '\0' {
                continue;
            }
            let text: String = chars[start..at].iter().take(MAX_WORD).collect();
            words += usize::from(c.is_alphanumeric());
            all.push(Piece { number: text.parse().ok(), text, chars: start..at });
        }
        Self { all, nothing: Piece::default(), words }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, at: usize) -> &Piece {
        self.all.get(at).unwrap_or(&self.nothing)
    }

    pub(super) fn text(&self, at: usize) -> &str {
        &self.get(at).text
    }

    /// The piece so many places before; an empty one where there is none.
    pub(super) fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.text(at))
    }

    pub(super) fn is(&self, at: usize, words: &[&str]) -> bool {
        words.contains(&self.text(at))
    }

    /// A number between two bounds.
    pub(super) fn number(&self, at: usize, from: u32, to: u32) -> Option<u32> {
        self.get(at).number.filter(|number| (from..=to).contains(number))
    }

    /// Whether nothing stands between this piece and the next.
    pub(super) fn touches_next(&self, at: usize) -> bool {
        !self.text(at).is_empty() && self.get(at).chars.end == self.get(at + 1).chars.start
    }

    /// The characters from one piece up to, and without, another.
    pub(super) fn chars(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.get(from).chars.start;
        start..self.get(to.saturating_sub(1)).chars.end.max(start)
    }
}
