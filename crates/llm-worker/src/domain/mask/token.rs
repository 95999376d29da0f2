//! How masks are written, how they are read, and how those that people type are told from ours.

use super::kind::Kind;

/// `PASSPORT`, `USERNAME`.
const LONGEST_WORD: usize = 8;
const LONGEST_NUMBER: usize = 6;

/// What the beginning of a text is, as a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Mask {
        kind: Kind,
        number: u32,
        length: usize,
    },
    /// It may become one when more comes.
    Begun,
    No,
}

pub(super) fn write(kind: Kind, number: u32) -> String {
    format!("<{}_{number}>", kind.word())
}

/// Reads a mask at the beginning of `text`, which begins with `<`.
pub(super) fn read(text: &str) -> Read {
    let bytes = text.as_bytes();
    let word = bytes[1..].iter().take(LONGEST_WORD).take_while(|byte| byte.is_ascii_uppercase()).count();
    let number_at = word + 2;
    match bytes.get(word + 1) {
        None => return Read::Begun,
        Some(b'_') if word > 0 => {}
        Some(_) => return Read::No,
    }
    let digits =
        bytes[number_at..].iter().take(LONGEST_NUMBER).take_while(|byte| byte.is_ascii_digit()).count();
    match bytes.get(number_at + digits) {
        None => Read::Begun,
        Some(b'>') if digits > 0 => {
            let number = text[number_at..number_at + digits].parse();
            match (Kind::of(&text[1..=word]), number) {
                (Some(kind), Ok(number)) => Read::Mask { kind, number, length: number_at + digits + 1 },
                _ => Read::No,
            }
        }
        Some(_) => Read::No,
    }
}

/// The length of what a person typed that looks like a mask: in other brackets, with spaces, in small letters.
pub(super) fn typed(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().take(40).filter(|(_, c)| !is_unseen(*c)).peekable();
    let (_, open) = chars.next()?;
    if !matches!(open, '<' | '＜' | '‹' | '\u{3008}' | '\u{27e8}' | '\u{2329}' | '«' | '˂' | '﹤') {
        return None;
    }
    let mut word = String::new();
    while let Some((_, c)) = chars.next_if(|(_, c)| c.is_whitespace() || plain(*c).is_ascii_alphabetic()) {
        if !c.is_whitespace() {
            word.push(plain(c).to_ascii_uppercase());
        }
    }
    Kind::of(&word)?;
    let mut digits = 0;
    while let Some((_, c)) = chars.next_if(|(_, c)| {
        c.is_whitespace() || matches!(plain(*c), '_' | '-' | '\\' | '‗') || plain(*c).is_ascii_digit()
    }) {
        digits += usize::from(plain(c).is_ascii_digit());
    }
    let (at, close) = chars.next()?;
    let is_closed =
        matches!(close, '>' | '＞' | '›' | '\u{3009}' | '\u{27e9}' | '\u{232a}' | '»' | '˃' | '﹥');
    (is_closed && digits > 0).then_some(at + close.len_utf8())
}

/// The text without masks of its own: what a document holds that looks like one stands for nobody's value.
pub(crate) fn broken(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match typed(rest) {
            Some(length) => {
                let inside = rest.get(c.len_utf8()..length).unwrap_or_default();
                let close = inside.chars().next_back().map_or(0, char::len_utf8);
                broken.push('(');
                broken.push_str(&inside[..inside.len() - close]);
                broken.push(')');
                rest = &rest[length..];
            }
            None => {
                broken.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    broken
}

/// Full-width letters as the common ones.
const fn plain(c: char) -> char {
    match c {
        '！'..='～' => match char::from_u32(c as u32 - 0xfee0) {
            Some(plain) => plain,
            None => c,
        },
        c => c,
    }
}

const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The length of a UUID, which names things and no person.
pub(super) fn uuid(text: &str) -> Option<usize> {
    let bytes = text.as_bytes().get(..36)?;
    let is_uuid = bytes.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (is_uuid && !text[36..].starts_with(|c: char| c.is_alphanumeric() || c == '-')).then_some(36)
}

/// The length of the first run of letters, digits, `-` and `_`.
pub(super) fn run(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count()
}

/// The length of an identifier: `DB_PASSWORD`.
pub(super) fn identifier(text: &str) -> usize {
    text.bytes().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}
