//! A text as the readers of facts see it, each character with its place in the text as it was written.
//!
//! Small letters; one kind of space, of dash and of digit; `ё` as `е`; no invisible characters; a Cyrillic word
//! typed with Latin letters that look the same all Cyrillic. It is done once; every reader gives places in the original.

use std::ops::Range;

/// Longer texts are cut: Telegram allows 4096 UTF-16 units.
pub(crate) const MAX_CHARS: usize = 4_096;

#[derive(Debug)]
pub(crate) struct Plain {
    chars: Vec<char>,
    /// Where each character begins in the text, and where the last one ends.
    at: Vec<usize>,
}

impl Plain {
    pub(crate) fn new(text: &str) -> Self {
        let room = text.len().min(MAX_CHARS);
        let (mut chars, mut at) = (Vec::with_capacity(room), Vec::with_capacity(room + 1));
        let mut end = text.len();
        for (number, (place, c)) in text.char_indices().enumerate() {
            if number == MAX_CHARS {
                end = place;
                break;
            }
            match plain(c) {
                Some(c) => {
                    chars.push(c);
                    at.push(place);
                }
                // `й` typed as two characters.
                None if c == '\u{306}' => {
                    if let Some(last) = chars.last_mut().filter(|last| **last == 'и') {
                        *last = 'й';
                    }
                }
                None => {}
            }
        }
        at.push(end);
        one_alphabet(&mut chars);
        Self { chars, at }
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The place in the original of some characters, in bytes.
    pub(super) fn span(&self, chars: Range<usize>) -> Range<usize> {
        let place = |at: usize| self.at.get(at).or(self.at.last()).copied().unwrap_or_default();
        let start = place(chars.start);
        start..place(chars.end).max(start)
    }

    /// As `hide`, of bytes of the original.
    pub(super) fn hide_bytes(&mut self, bytes: Range<usize>) {
        let from = self.at.partition_point(|at| *at < bytes.start);
        let to = self.at.partition_point(|at| *at < bytes.end).min(self.chars.len());
        self.hide(from.min(to)..to);
    }

    /// Hides some characters from every reader that looks afterwards; the places stay.
    pub(super) fn hide(&mut self, chars: Range<usize>) {
        self.chars.get_mut(chars).into_iter().flatten().for_each(|c| *c = '\0');
    }
}

/// `None` for what nobody sees.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        // Accents set above a letter.
        | '\u{300}'..='\u{36f}' => return None,
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
        'ё' | 'Ё' => 'е',
        '0'..='9' | 'a'..='z' | 'а'..='я' => c,
        // Full-width, Arabic and Persian figures.
        '\u{ff10}'..='\u{ff19}' => figure(c, 0xff10),
        '\u{660}'..='\u{669}' => figure(c, 0x660),
        '\u{6f0}'..='\u{6f9}' => figure(c, 0x6f0),
        // Full-width letters and signs: `＋`, `＄`.
        '\u{ff01}'..='\u{ff5e}' => {
            let c = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
            c.to_ascii_lowercase()
        }
        c if c.is_whitespace() => ' ',
        c => c.to_lowercase().next().unwrap_or(c),
    })
}

fn figure(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c).saturating_sub(zero), 10).unwrap_or(c)
}

fn one_alphabet(chars: &mut [char]) {
    for word in chars.split_mut(|c| !c.is_alphabetic()) {
        let latin = word.iter().any(char::is_ascii_alphabetic);
        if !latin || !word.iter().copied().any(crate::domain::words::is_cyrillic) {
            continue;
        }
        for c in word {
            *c = match *c {
                'a' => 'а',
                'b' => 'в',
                'c' => 'с',
                'e' => 'е',
                'h' => 'н',
                'k' => 'к',
                'm' => 'м',
                'o' => 'о',
                'p' => 'р',
                't' => 'т',
                'x' => 'х',
                'y' => 'у',
                other => other,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        Plain::new(text).chars().iter().collect()
    }

    #[test]
    fn one_form_of_what_people_type() {
        assert_eq!(shown("От\u{a0}50\u{2009}000\u{202f}₽"), "от 50 000 ₽");
        assert_eq!(shown("ЁЖ"), "еж");
        assert_eq!(shown("300–500 − 7 ‑ 8"), "300-500 - 7 - 8");
        assert_eq!(shown("5\u{fe0f}\u{20e3}0\u{fe0f}\u{20e3} тыc"), "50 тыс");
        assert_eq!(shown("１５ ＋７ ٣"), "15 +7 3");
        assert_eq!(shown("cкoлькo рyблей, 5k usd"), "сколько рублей, 5k usd");
        assert_eq!(shown("маи\u{306}ские мо\u{301}жно"), "майские можно");
    }

    #[test]
    fn a_place_is_one_in_the_text_as_it_was_written() {
        let text = "до 5\u{fe0f}\u{20e3} тыс ₽";
        let plain = Plain::new(text);
        assert_eq!(&text[plain.span(3..8)], "5\u{fe0f}\u{20e3} тыс");
        assert_eq!(&text[plain.span(0..usize::MAX)], text);
        assert_eq!(Plain::new(&"🙂".repeat(250_000)).chars().len(), MAX_CHARS);
    }

    proptest! {
        #[test]
        fn every_place_lies_between_two_characters(text in "\\PC{0,60}|[и\u{306}5\u{fe0f}\u{20e3} ё\u{308}–]{0,30}", a in 0_usize..80, b in 0_usize..80) {
            let plain = Plain::new(&text);
            let span = plain.span(a..b);
            prop_assert!(span.start <= span.end && text.get(span).is_some());
        }
    }
}
