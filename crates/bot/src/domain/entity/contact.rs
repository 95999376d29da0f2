//! E-mail addresses, telephone numbers and Telegram names.

use super::found::Found;
use super::phone;
use super::plain::{MAX_CHARS, Plain};

/// A way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In small letters.
    Email(String),
    /// In E.164 where the country is known, else the digits as given.
    Phone(String),
    /// Without the `@`.
    Telegram(String),
}

/// The first way to reach a person that a text names: an address before a number before a name.
pub(crate) fn find_reach(text: &str, regions: &[&str]) -> Option<Found<Reach>> {
    let text = cut(text);
    find_email(text).or_else(|| find_phone(text, regions)).or_else(|| {
        let found = |(at, part)| telegram(part).map(|name| (name, at, part));
        let (name, at, part) = parts(text).find_map(found)?;
        Some(Found::new(Reach::Telegram(name), text, at..at + part.len(), 0.8))
    })
}

pub(crate) fn find_email(text: &str) -> Option<Found<Reach>> {
    let text = cut(text);
    let (email, at, len) = parts(text).find_map(|(at, part)| {
        let left = part.trim_start_matches(|c: char| !c.is_alphanumeric());
        let right = left.trim_end_matches(|c: char| !c.is_alphanumeric());
        Some((email(right)?, at + part.len() - left.len(), right.len()))
    })?;
    Some(Found::new(Reach::Email(email), text, at..at + len, 0.95))
}

/// The first telephone number; one that the numbering plans know before one that only has the length.
pub(crate) fn find_phone(text: &str, regions: &[&str]) -> Option<Found<Reach>> {
    let text = cut(text);
    // Most messages have no figures at all. Figures of other alphabets count as well.
    if text.chars().filter(|c| c.is_numeric()).count() < phone::MIN_DIGITS {
        return None;
    }
    let mut plain = Plain::new(text);
    // Digits of an address are no number.
    for (at, part) in parts(text).filter(|(_, part)| part.contains('@')) {
        plain.hide_bytes(at..at + part.len());
    }
    let mut numbers = phone::numbers(&plain, regions);
    let best = numbers.iter().position(|number| number.is_certain).unwrap_or(0);
    let number = (!numbers.is_empty()).then(|| numbers.swap_remove(best))?;
    let mut chars = number.chars;
    if chars.start > 0 && plain.chars()[chars.start - 1] == '+' {
        chars.start -= 1;
    }
    let confidence = if number.is_certain { 0.9 } else { 0.6 };
    Some(Found::new(Reach::Phone(number.value), text, plain.span(chars), confidence))
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// What stands between spaces and brackets, each with its place.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let divides = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '|');
    text.split_inclusive(divides).map(move |part| {
        let start = at;
        at += part.len();
        (start, part.trim_end_matches(divides))
    })
}

fn email(part: &str) -> Option<String> {
    if !part.contains('@') {
        return None;
    }
    let part = part.to_lowercase();
    let (name, domain) = part.split_once('@')?;
    let name_fits = (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-'));
    let labels: Vec<&str> = domain.split('.').collect();
    let label_fits = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_fits =
        labels.last().is_some_and(|last| last.chars().count() >= 2 && last.chars().all(char::is_alphabetic));
    (name_fits && labels.len() >= 2 && labels.iter().all(label_fits) && last_fits && part.len() <= 254)
        .then_some(part)
}

fn telegram(part: &str) -> Option<String> {
    let part = part.trim_end_matches(['.', '!', '?', ')']);
    let name = ["https://t.me/", "http://t.me/", "t.me/", "@"]
        .iter()
        .find_map(|prefix| part.strip_prefix(prefix))?;
    let fits = (4..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.as_bytes()[0].is_ascii_alphabetic();
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_reach_are_found_in_running_text() {
        let email = |s: &str| Some(Reach::Email(s.to_owned()));
        let phone = |s: &str| Some(Reach::Phone(s.to_owned()));
        let telegram = |s: &str| Some(Reach::Telegram(s.to_owned()));
        let cases = [
            ("Anna.K+work@Example.co.uk", email("anna.k+work@example.co.uk")),
            ("пишите на почта@пример.рф!", email("почта@пример.рф")),
            ("8 912 987-65-43", phone("+79129876543")),
            ("мой номер 8 (912) 987–65–43, Анна", phone("+79129876543")),
            ("912 987 65 43", phone("+79129876543")),
            ("+44 20 7946 0958 after six", phone("+442079460958")),
            ("+375 29 123-45-67", phone("+375291234567")),
            ("tel.: 1-202-555-0143", phone("+12025550143")),
            ("＋7 ９12 987 65 43, ٧ людей", phone("+79129876543")),
            ("۷۹۱۲۹۸۷۶۵۴۳", phone("+79129876543")),
            ("anna@example.com or +7 912 000 00 00", email("anna@example.com")),
            ("@anna_k", telegram("anna_k")),
            ("https://t.me/anna_k", telegram("anna_k")),
            ("a@b", None),
            ("anna@-example.com", None),
            ("2024", None),
            ("call me", None),
            ("300 000 ₽", None),
        ];
        for (text, expected) in cases {
            assert_eq!(find_reach(text, &["RU"]).map(|found| found.value), expected, "{text}");
        }
    }

    #[test]
    fn the_persons_words_are_kept() {
        let raw = |text: &str| {
            find_reach(text, &["RU"]).map(|found| (found.raw.expose().clone(), text[found.span].to_owned()))
        };
        let both = |text: &str| Some((text.to_owned(), text.to_owned()));
        assert_eq!(raw("пишите: <Anna@Example.com>!"), both("Anna@Example.com"));
        assert_eq!(raw("звоните +7 (912) 987–65–43, Анна"), both("+7 (912) 987–65–43"));
        assert_eq!(raw("это я, @anna_k."), both("@anna_k."));
    }
}
