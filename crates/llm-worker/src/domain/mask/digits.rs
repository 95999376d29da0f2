//! A run of digits in groups, as people write numbers, and what it may be.

use super::checksum;
use super::cue::Cue;
use super::kind::Kind;

/// The longest that is looked at: an account's number is 20 digits.
const MOST_DIGITS: usize = 24;
/// More groups than a number that somebody gives.
const MOST_GROUPS: usize = 8;

/// Digits in groups, with spaces, dashes and brackets between these.
pub(super) struct Run {
    plus: bool,
    digits: Vec<u8>,
    groups: Vec<Group>,
}

struct Group {
    /// How many digits the run has up to here, this group with them.
    upto: usize,
    /// Its end, in bytes.
    end: usize,
    digits: usize,
    /// What stands before it.
    gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    Other,
}

impl Run {
    /// The run that `text` begins with; only whole groups count.
    pub(super) fn read(text: &str) -> Self {
        let mut run = Self {
            plus: text.starts_with('+'),
            digits: Vec::with_capacity(MOST_DIGITS + 1),
            groups: Vec::with_capacity(MOST_GROUPS),
        };
        let (mut gap, mut between, mut digits) = (Gap::None, 0, 0);
        let mut end = 0;
        for (at, c) in text.char_indices() {
            match c {
                '+' if at == 0 => {}
                '0'..='9' => {
                    run.digits.push(c as u8 - b'0');
                    (digits, between, end) = (digits + 1, 0, at + 1);
                }
                ' ' | '\u{a0}' | '\u{202f}' | '-' | '(' | ')' | '\u{2011}'..='\u{2013}'
                    if end > 0 || c == '(' =>
                {
                    if digits > 0 {
                        run.push(digits, end, gap);
                        (digits, gap) = (0, Gap::None);
                    }
                    let is_space = matches!(c, ' ' | '\u{a0}' | '\u{202f}');
                    gap = if is_space && gap != Gap::Other { Gap::Space } else { Gap::Other };
                    between += 1;
                }
                _ => break,
            }
            if between > 2 || run.digits.len() > MOST_DIGITS || run.groups.len() == MOST_GROUPS {
                break;
            }
        }
        if digits > 0 {
            run.push(digits, end, gap);
        }
        // A group that goes on as a word, or as a time, is none of them.
        let after = &text[end..];
        let mut next = after.chars();
        let goes_on = match next.next() {
            Some(':') => run.groups.len() > 1 && next.next().is_some_and(|c| c.is_ascii_digit()),
            Some(c) => c.is_alphanumeric(),
            None => false,
        };
        if goes_on {
            run.groups.pop();
        }
        run
    }

    fn push(&mut self, digits: usize, end: usize, gap: Gap) {
        self.groups.push(Group { upto: self.digits.len(), end, digits, gap });
    }

    /// What this is, and its length in bytes.
    pub(super) fn find(mut self, text: &str, cue: Option<Cue>, money_before: bool) -> Option<(Kind, usize)> {
        if self.groups.last()?.upto < 7 {
            return None;
        }
        if self.plus {
            return self.phone(cue);
        }
        if self.is_amount(text, money_before) {
            return None;
        }
        cue.and_then(|cue| self.expected(cue))
            .or_else(|| self.card())
            .or_else(|| self.phone(cue))
            .or_else(|| if cue == Some(Cue::Thing) { None } else { self.by_shape() })
    }

    /// Money: thousands in groups of three, or one group, with a currency. Where the last group alone is an
    /// amount ("8 912 987-65-43 500 руб"), it is cut off.
    fn is_amount(&mut self, text: &str, money_before: bool) -> bool {
        let Some(last) = self.groups.last() else { return false };
        if !money_before && !is_money(&text[last.end..]) {
            return false;
        }
        let [first, more @ ..] = self.groups.as_slice() else { return false };
        let thousands = !more.is_empty()
            && first.digits <= 3
            && more.iter().all(|group| group.digits == 3 && group.gap == Gap::Space);
        if thousands || more.is_empty() && !is_russian_phone(&self.digits[..first.upto]) {
            return true;
        }
        if !money_before && more.len() > 1 {
            self.groups.pop();
        }
        false
    }

    /// A number of which a word before it says what it is: then its check digits may be mistyped.
    fn expected(&self, cue: Cue) -> Option<(Kind, usize)> {
        let (kind, lengths): (Kind, &[usize]) = match cue {
            Cue::Inn => (Kind::Inn, &[12, 10]),
            Cue::Snils => (Kind::Snils, &[11]),
            Cue::Ogrn => (Kind::Ogrn, &[15, 13]),
            Cue::Passport => (Kind::Passport, &[10, 9]),
            Cue::Account => (Kind::BankAccount, &[20]),
            Cue::Bik => (Kind::Bik, &[9]),
            Cue::Iin => (Kind::Iin, &[12]),
            Cue::Pinfl => (Kind::Pinfl, &[14]),
            Cue::Ssn => (Kind::Ssn, &[9]),
            Cue::Card => (Kind::Card, &[16, 19, 18, 15, 14, 13]),
            Cue::Phone => return self.phone(Some(cue)),
            Cue::Plate | Cue::Password | Cue::Key | Cue::Version | Cue::Thing => return None,
        };
        let found = |length: &usize| self.groups.iter().find(|group| group.upto == *length);
        lengths.iter().find_map(found).map(|group| (kind, group.end))
    }

    fn card(&self) -> Option<(Kind, usize)> {
        let group = self.groups.iter().find(|group| is_card(&self.digits[..group.upto]))?;
        Some((Kind::Card, group.end))
    }

    /// With a `+`; as Russians write it, 8 or 7 and ten digits; as Americans group it; where a word says so,
    /// anything of that length.
    fn phone(&self, cue: Option<Cue>) -> Option<(Kind, usize)> {
        let upto = |group: &&Group| &self.digits[..group.upto];
        let sure = self.groups.iter().find(|group| is_russian_phone(upto(group)));
        let last = |wanted: fn(&[u8]) -> bool| self.groups.iter().rfind(|group| wanted(upto(group)));
        let found = sure
            .or_else(|| if self.plus { last(|digits| (9..=15).contains(&digits.len())) } else { None })
            .or_else(|| self.groups.iter().find(|group| is_neighbour_phone(upto(group))))
            .or_else(|| self.american())
            .or_else(|| {
                let told = cue == Some(Cue::Phone);
                if told { last(|digits| (7..=12).contains(&digits.len())) } else { None }
            })?;
        Some((Kind::Phone, found.end))
    }

    /// `(555) 123-4567`, `555-123-4567`, `1-555-123-4567`.
    fn american(&self) -> Option<&Group> {
        let groups = match self.groups.as_slice() {
            [country, groups @ ..] if country.digits == 1 && self.digits[0] == 1 => groups,
            groups => groups,
        };
        let [area, exchange, line, ..] = groups else { return None };
        let first = |group: &Group| self.digits[group.upto - group.digits];
        let is_grouped = (area.digits, exchange.digits, line.digits) == (3, 3, 4);
        let is_joined = line.gap == Gap::Other && first(area) > 1 && first(exchange) > 1;
        (is_grouped && is_joined).then_some(line)
    }

    /// What its grouping and its check digits say, without a word that says so.
    fn by_shape(&self) -> Option<(Kind, usize)> {
        if let [a, b, c, d, ..] = self.groups.as_slice()
            && (a.digits, b.digits, c.digits, d.digits) == (3, 3, 3, 2)
            && checksum::snils(&self.digits[..d.upto])
        {
            return Some((Kind::Snils, d.end));
        }
        if let [area, group, serial, ..] = self.groups.as_slice()
            && (area.digits, group.digits, serial.digits) == (3, 2, 4)
            && (group.gap, serial.gap) == (Gap::Other, Gap::Other)
            && checksum::ssn(&self.digits[..serial.upto])
        {
            return Some((Kind::Ssn, serial.end));
        }
        let group = self.groups.first()?;
        let digits = &self.digits[..group.upto];
        let kind = match digits.len() {
            20 if is_account(digits) => Kind::BankAccount,
            13 | 15 if checksum::ogrn(digits) => Kind::Ogrn,
            14 if checksum::pinfl(digits) => Kind::Pinfl,
            10 | 12 if checksum::inn(digits) => Kind::Inn,
            12 if checksum::iin(digits) => Kind::Iin,
            11 if checksum::snils(digits) => Kind::Snils,
            _ => return None,
        };
        Some((kind, group.end))
    }
}

pub(super) fn is_russian_phone(digits: &[u8]) -> bool {
    matches!(digits, [7 | 8, 3..=9, ..]) && digits.len() == 11
}

/// Numbers of Uzbekistan, Belarus, Ukraine, Armenia, Georgia, Kyrgyzstan, Tajikistan without their `+`.
fn is_neighbour_phone(digits: &[u8]) -> bool {
    digits.len() == 12
        && matches!(
            digits,
            [9, 9, 8, 3 | 5..=9, ..]
                | [3, 7, 5, 2..=4, ..]
                | [3, 8, 0, 3..=9, ..]
                | [9, 9, 6, 2 | 5 | 7 | 9, ..]
                | [9, 9, 2, 1 | 4 | 5 | 7 | 8 | 9, ..]
                | [9, 9, 5, 5 | 7, ..]
        )
}

/// As long as its network's cards are, with the check digit.
fn is_card(digits: &[u8]) -> bool {
    let length = digits.len();
    if !(13..=19).contains(&length) {
        return false;
    }
    let begins = digits[..4].iter().fold(0u32, |number, digit| number * 10 + u32::from(*digit));
    let is_known = match begins {
        // MIR.
        2200..=2204 => length >= 16,
        2221..=2720 | 5100..=5599 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length),
        3528..=3589 | 6011 | 6440..=6599 | 8100..=8171 => (16..=19).contains(&length),
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5000 | 5018 | 5020 | 5038 | 5600..=6999 => true,
        // Uzcard, Humo, Belkart.
        8600 | 9860 | 9112 => length == 16,
        _ => false,
    };
    is_known && checksum::luhn(digits)
}

/// A Russian account: by the plan of accounts (3…, 4…) and its currency.
fn is_account(digits: &[u8]) -> bool {
    let currency = digits[5..8].iter().fold(0u32, |number, digit| number * 10 + u32::from(*digit));
    matches!(digits, [3 | 4, 0..=7, ..]) && matches!(currency, 643 | 810 | 840 | 978 | 156 | 398 | 933 | 860)
}

/// Whether a currency follows.
fn is_money(after: &str) -> bool {
    const UNITS: [&str; 17] = [
        "руб",
        "р.",
        "₽",
        "$",
        "€",
        "£",
        "₸",
        "тг",
        "тенге",
        "сум",
        "тыс",
        "млн",
        "usd",
        "eur",
        "rub",
        "kzt",
        "uzs",
    ];
    let after = after.strip_prefix([' ', '\u{a0}', '\u{202f}']).unwrap_or(after);
    UNITS.iter().any(|unit| {
        after.get(..unit.len()).is_some_and(|begins| begins == *unit || begins.eq_ignore_ascii_case(unit))
    })
}
