//! Telephone numbers: runs of digits that the numbering plans of the world know, in E.164.

use std::ops::Range;

use phonenumber::Mode;
use phonenumber::country::Id;

use super::plain::Plain;

/// Reading a number by the plans is the dearest thing done to a text, so only so many are tried.
const MAX_TRIED: usize = 8;
/// ITU: a number has at most so many digits.
const MAX_DIGITS: usize = 15;
/// No number has fewer.
pub(super) const MIN_DIGITS: usize = 7;

/// A telephone number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// In E.164, or the digits as given where the country is not known.
    pub(super) value: String,
    /// The numbering plans know it; otherwise it has the length of one.
    pub(super) is_certain: bool,
    pub(super) chars: Range<usize>,
}

/// The telephone numbers in a text. `regions` are the countries (ISO 3166) that numbers without a country code are
/// likely of.
pub(super) fn numbers(plain: &Plain, regions: &[&str]) -> Vec<Number> {
    let mut tried = 0;
    let mut numbers: Vec<Number> = Vec::new();
    for run in runs(plain.chars()) {
        if tried >= MAX_TRIED {
            break;
        }
        numbers.extend(of_run(&run, regions, &mut tried));
    }
    numbers
}

/// A telephone number as a person gave it; `None` where it can not be one.
pub(crate) fn normal_phone(text: &str, regions: &[&str]) -> Option<String> {
    let plain = Plain::new(text);
    let mut found = numbers(&plain, regions);
    let certain = found.iter().position(|number| number.is_certain).unwrap_or(0);
    (!found.is_empty()).then(|| found.swap_remove(certain).value)
}

/// Groups of digits with the marks that people put between them.
#[derive(Debug, Default)]
struct Run {
    plus: bool,
    groups: Vec<(String, Range<usize>)>,
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::default();
    let (mut at, mut gap) = (0, 0);
    while at < chars.len() {
        let c = chars[at];
        if c.is_ascii_digit() {
            let start = at;
            while chars.get(at).is_some_and(char::is_ascii_digit) {
                at += 1;
            }
            run.groups.push((chars[start..at].iter().collect(), start..at));
            gap = 0;
            continue;
        }
        let between = matches!(c, ' ' | '-' | '(' | ')' | '.') && gap < 3;
        if !between || c == '+' {
            if !run.groups.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            run = Run { plus: c == '+', groups: Vec::new() };
            gap = 0;
        } else {
            gap += 1;
        }
        at += 1;
    }
    if !run.groups.is_empty() {
        runs.push(run);
    }
    runs
}

fn of_run(run: &Run, regions: &[&str], tried: &mut usize) -> Option<Number> {
    let join = |groups: &[(String, Range<usize>)]| -> String {
        groups.iter().map(|(digits, _)| digits.as_str()).collect()
    };
    let place = |groups: &[(String, Range<usize>)]| {
        let start = groups.first().map_or(0, |(_, chars)| chars.start);
        start..groups.last().map_or(start, |(_, chars)| chars.end)
    };
    let count: usize = run.groups.iter().map(|(digits, _)| digits.len()).sum();
    let mut whole = None;
    if (MIN_DIGITS..=MAX_DIGITS).contains(&count) {
        whole = read(run.plus, &join(&run.groups), regions, tried).map(|(value, is_certain)| Number {
            value,
            is_certain,
            chars: place(&run.groups),
        });
        if whole.as_ref().is_some_and(|number| number.is_certain) {
            return whole;
        }
    }
    // "300000 8 912 987-65-43": another number stands before it.
    for first in 1..run.groups.len() {
        let mut digits = 0;
        let tail = run.groups[first..].iter().take_while(|(group, _)| {
            digits += group.len();
            digits <= 11
        });
        let groups = &run.groups[first..first + tail.count()];
        let joined = join(groups);
        if is_russian(&joined)
            && *tried < MAX_TRIED
            && let Some((value, true)) = read(false, &joined, regions, tried)
        {
            return Some(Number { value, is_certain: true, chars: place(groups) });
        }
    }
    whole
}

/// How people in Russia and Kazakhstan write their own numbers.
fn is_russian(digits: &str) -> bool {
    match digits.len() {
        11 => digits.starts_with(['7', '8']),
        10 => digits.starts_with('9'),
        _ => false,
    }
}

/// The number, and whether the plans know it.
fn read(plus: bool, digits: &str, regions: &[&str], tried: &mut usize) -> Option<(String, bool)> {
    let mut known = |region: Option<&str>, text: &str| {
        *tried += 1;
        let number = phonenumber::parse(region.and_then(|region| region.parse::<Id>().ok()), text).ok()?;
        number.is_valid().then(|| (number.format().mode(Mode::E164).to_string(), true))
    };
    if plus {
        let international = format!("+{digits}");
        return known(None, &international).or_else(|| (digits.len() >= 8).then_some((international, false)));
    }
    if let Some(found) = regions.iter().find_map(|region| known(Some(region), digits)) {
        return Some(found);
    }
    if is_russian(digits) {
        let national = &digits[digits.len() - 10..];
        return known(Some("RU"), national).or_else(|| Some((format!("+7{national}"), false)));
    }
    if digits.len() > 10
        && let Some(found) = known(None, &format!("+{digits}"))
    {
        return Some(found);
    }
    (digits.len() >= 10).then(|| (digits.to_owned(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_country_is_of_the_persons_region() {
        let cases = [
            ("8 912 987-65-43", "RU", "+79129876543"),
            ("8 912 987-65-43", "GB", "+79129876543"),
            ("8 912 987-65-43", "", "+79129876543"),
            ("020 7946 0958", "GB", "+442079460958"),
            ("0170 1234567", "DE", "+491701234567"),
            ("8 701 123 45 67", "KZ", "+77011234567"),
            ("(202) 555-0143", "US", "+12025550143"),
            ("+44 (0)20 7946 0958", "RU", "+442079460958"),
            ("1-202-555-0143", "RU", "+12025550143"),
            ("＋7 ９12 987 65 43", "", "+79129876543"),
            ("8\u{2009}912\u{a0}987–65–43", "", "+79129876543"),
        ];
        for (text, region, expected) in cases {
            assert_eq!(normal_phone(text, &[region]).as_deref(), Some(expected), "{text} {region}");
        }
        for text in ["12345", "300 000", "2024-05-15", ""] {
            assert_eq!(normal_phone(text, &["RU"]), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_found_behind_another() {
        let text = "бюджет 300000 8 912 987-65-43";
        let plain = Plain::new(text);
        let found = numbers(&plain, &["RU"]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].value.as_str(), &text[plain.span(found[0].chars.clone())]),
            ("+79129876543", "8 912 987-65-43")
        );
    }
}
