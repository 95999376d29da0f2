//! Text cut into numbers, numeric dates, words and signs, after it has been written in one way: small
//! letters, one kind of space and dash, no `ё`.

use super::Date;
use super::lexicon::number_word;
use super::number::{self, UNIT};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(Number),
    /// `2026-05-15`, `15.05.2026`; the second reading where day and month can be exchanged.
    Date(Date, Option<Date>),
    /// `glued`: no space before it.
    Word {
        text: String,
        glued: bool,
    },
    Sign(char),
    /// The end of a sentence or a line.
    Stop,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// In 1/10,000.
    pub(super) value: i128,
    /// The value, where it is written as digits alone.
    pub(super) plain: Option<u32>,
    pub(super) spelled: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().flat_map(one_way).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            if let Some((first, second, length)) = number::date(&chars[at..]) {
                tokens.push(Token::Date(first, second));
                at += length;
                continue;
            }
            let (value, plain, length) = number::number(&chars[at..]);
            tokens.push(Token::Number(Number { value, plain, spelled: false }));
            at += length;
        } else if c.is_alphabetic() {
            let length = chars[at..].iter().take_while(|c| c.is_alphabetic()).count();
            let word: String = chars[at..at + length].iter().collect();
            let glued = at > 0 && chars[at - 1] != ' ';
            push_word(&mut tokens, word, glued);
            at += length;
        } else {
            let next_is_space = chars.get(at + 1).is_none_or(|next| next.is_whitespace());
            match c {
                '\n' | '!' | '?' => tokens.push(Token::Stop),
                '.' if next_is_space => tokens.push(Token::Stop),
                c if c.is_whitespace() => {}
                c => tokens.push(Token::Sign(c)),
            }
            at += 1;
        }
    }
    tokens
}

/// Numbers written as words become numbers; `twenty five` and `двести пятьдесят` become one.
fn push_word(tokens: &mut Vec<Token>, word: String, glued: bool) {
    let Some(value) = number_word(&word) else {
        if word == "полтора" || word == "полутора" {
            return tokens.push(Token::Number(Number { value: UNIT * 3 / 2, plain: None, spelled: true }));
        }
        return tokens.push(Token::Word { text: word, glued });
    };
    if let Some(Token::Number(Number { value: before, spelled: true, .. })) = tokens.last_mut() {
        if word == "hundred" && *before < 100 * UNIT {
            *before *= 100;
            return;
        }
        // Twenty takes a five, two hundred a fifty; five takes nothing.
        let place = [100, 10, 1].into_iter().find(|place| *before % (place * UNIT) == 0).unwrap_or(1);
        if *before > 0 && value < place {
            *before += value * UNIT;
            return;
        }
    }
    tokens.push(Token::Number(Number { value: value * UNIT, plain: None, spelled: true }));
}

fn one_way(c: char) -> impl Iterator<Item = char> {
    let c = match c {
        '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2007}' | '\u{2002}'..='\u{2006}' | '\t' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '’' | '`' => '\'',
        '％' => '%',
        '*' | '_' => '\u{200b}',
        c => c,
    };
    // Marks of emphasis and characters without width stand inside of amounts: `**5** 000`.
    let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    c.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c }).filter(move |_| !hidden)
}
