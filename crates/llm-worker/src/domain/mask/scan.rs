//! One pass over a text that finds what is to be hidden. Every look ahead is bounded, so a text takes time in
//! proportion to its length, whatever is in it.

use std::collections::HashSet;

use super::cue::{self, Cue, REACH};
use super::digits::Run;
use super::kind::Kind;
use super::words::{is_capitalised, word};
use super::{address, contact, network, passport, person, secret, token, wallet};

/// Something to hide, from `start` to `end` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What stands at a place.
enum Here {
    /// To be hidden: so many bytes.
    Hide(Kind, usize),
    /// To be hidden, from and to so many bytes on.
    Inside(Kind, usize, usize),
    /// Whole, and nothing to hide: so many bytes.
    Leave(usize),
}

/// A wallet is 90 letters at most.
const LONGEST_RUN: usize = 90;

/// The number of the house stands at most so many bytes after the address begins.
const ADDRESS_REACH: usize = 200;

pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    before: [Option<char>; 2],
    /// The last word that says what comes, and its end.
    cue: Option<(Cue, usize)>,
    /// The last three words in small letters, and the end of the last.
    words: [String; 3],
    words_end: usize,
    /// Words of names that are known: they are hidden alone, too.
    names: &'a mut HashSet<String>,
    small: String,
    /// The next `@`, so that not every word is read as the beginning of an address.
    next_at_sign: usize,
    /// Where the run of letters, digits, `-` and `_` ends that was last looked at.
    run_end: usize,
    /// The next digit: no address is without one.
    next_digit: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, names: &'a mut HashSet<String>) -> Self {
        Self {
            text,
            at: 0,
            before: [None; 2],
            cue: None,
            words: Default::default(),
            words_end: 0,
            names,
            small: String::new(),
            next_at_sign: text.find('@').unwrap_or(usize::MAX),
            run_end: 0,
            next_digit: text.find(|c: char| c.is_ascii_digit()).unwrap_or(usize::MAX),
        }
    }

    /// The length of the run of letters, digits, `-` and `_` that begins here; 0 where it is too long for anything
    /// or goes on in other letters.
    fn run(&mut self) -> usize {
        if self.run_end <= self.at {
            self.run_end = self.at + token::run(&self.text[self.at..]);
        }
        let goes_on = self.text[self.run_end..].starts_with(char::is_alphanumeric);
        let length = self.run_end - self.at;
        if goes_on || length > LONGEST_RUN { 0 } else { length }
    }

    /// Whether a digit stands near enough for an address.
    fn digit_follows(&mut self) -> bool {
        if self.next_digit < self.at {
            let digit = self.text[self.at..].find(|c: char| c.is_ascii_digit());
            self.next_digit = digit.map_or(usize::MAX, |at| self.at + at);
        }
        self.next_digit.saturating_sub(self.at) <= ADDRESS_REACH
    }

    /// The next thing to hide.
    pub(super) fn next(&mut self) -> Option<Found> {
        while let Some(c) = self.text[self.at..].chars().next() {
            let here =
                if self.begins(c) { self.here(c) } else { token::typed(&self.text[self.at..]).map(typed) };
            let start = self.at;
            match here {
                Some(Here::Hide(kind, length)) => {
                    self.go(length);
                    return Some(Found { kind, start, end: self.at });
                }
                Some(Here::Inside(kind, from, to)) => {
                    self.go(to);
                    return Some(Found { kind, start: start + from, end: self.at });
                }
                Some(Here::Leave(length)) => self.go(length),
                None => self.go(c.len_utf8()),
            }
        }
        None
    }

    fn go(&mut self, length: usize) {
        let mut passed = self.text[self.at..self.at + length].chars();
        if let Some(last) = passed.next_back() {
            self.before = [passed.next_back().or(self.before[1]), Some(last)];
        }
        self.at += length;
    }

    /// Whether something may begin with `c`: not in the middle of a word or a number.
    fn begins(&self, c: char) -> bool {
        match self.before[1] {
            None => true,
            Some('.') => self.before[0].is_none_or(char::is_alphabetic) && (c == '+' || c.is_ascii_digit()),
            Some('_') => !c.is_alphanumeric(),
            Some('@' | '+') => false,
            Some(before) => !before.is_alphanumeric(),
        }
    }

    fn here(&mut self, c: char) -> Option<Here> {
        let rest = &self.text[self.at..];
        match c {
            '-' => secret::pem(rest).map(hide(Kind::Secret)),
            '@' => contact::username(rest).map(hide(Kind::Username)),
            '/' => {
                let (from, to) = rest.strip_prefix("//").and_then(secret::in_address)?;
                Some(Here::Inside(Kind::Secret, from + 2, to + 2))
            }
            '+' | '(' => self.digits(rest),
            c if c.is_alphanumeric() => self
                .secret(rest)
                .or_else(|| self.address_of_mail(rest))
                .or_else(|| if c.is_ascii_digit() { self.number(rest) } else { self.word(rest) }),
            _ => token::typed(rest).map(typed),
        }
    }

    fn cue(&self) -> Option<Cue> {
        self.cue.filter(|(_, end)| self.at.saturating_sub(*end) <= REACH).map(|(cue, _)| cue)
    }

    fn secret(&self, rest: &str) -> Option<Here> {
        if let Some(length) = secret::by_shape(rest).or_else(|| secret::bot_token(rest)) {
            return Some(Here::Hide(Kind::Secret, length));
        }
        let (cue, end) = self.cue.filter(|(cue, _)| matches!(cue, Cue::Password | Cue::Key))?;
        let between = self.text.get(end..self.at).filter(|between| between.len() <= 30)?;
        let is_direct = matches!(between.trim().trim_matches(['"', '\'', '`']).trim(), ":" | "=");
        secret::told(rest, cue, between.contains([':', '=']), is_direct).map(hide(Kind::Secret))
    }

    fn address_of_mail(&mut self, rest: &str) -> Option<Here> {
        if self.next_at_sign < self.at {
            self.next_at_sign = rest.find('@').map_or(usize::MAX, |at| self.at + at);
        }
        if self.next_at_sign.saturating_sub(self.at) > 64 {
            return None;
        }
        contact::email(rest).map(hide(Kind::Email))
    }

    fn number(&mut self, rest: &'a str) -> Option<Here> {
        if let Some(length) = token::uuid(rest) {
            return Some(Here::Leave(length));
        }
        if let Some((kind, length)) = network::by_hex(rest) {
            return Some(Here::Hide(kind, length));
        }
        if let Some((to_hide, length)) = network::v4(rest) {
            let hide = to_hide && self.cue() != Some(Cue::Version);
            return Some(if hide { Here::Hide(Kind::Ip, length) } else { Here::Leave(length) });
        }
        let word = self.run();
        wallet::find(rest, word)
            .map(hide(Kind::Wallet))
            .or_else(|| address::find(rest).map(hide(Kind::Address)))
            .or_else(|| {
                let is_told = self.cue() == Some(Cue::Plate);
                if is_told { contact::plate(rest, true).map(hide(Kind::Plate)) } else { None }
            })
            .or_else(|| self.digits(rest))
    }

    fn digits(&self, rest: &str) -> Option<Here> {
        if self.cue() == Some(Cue::Passport)
            && let Some(length) = passport::russian(rest)
        {
            return Some(Here::Hide(Kind::Passport, length));
        }
        let is_money = |c: Option<char>| c.is_some_and(|c| matches!(c, '$' | '€' | '£' | '₽' | '₸'));
        let money = is_money(self.before[1]) || self.before[1] == Some(' ') && is_money(self.before[0]);
        Run::read(rest).find(rest, self.cue(), money).map(|(kind, length)| Here::Hide(kind, length))
    }

    fn word(&mut self, rest: &'a str) -> Option<Here> {
        if let Some(length) = token::uuid(rest) {
            return Some(Here::Leave(length));
        }
        let run = self.run();
        let first = &rest[..word(rest)];
        let told = self.cue();
        let found = contact::link_of_telegram(rest)
            .map(hide(Kind::Username))
            .or_else(|| network::by_hex(rest).map(|(kind, length)| Here::Hide(kind, length)))
            .or_else(|| wallet::find(rest, run).map(hide(Kind::Wallet)))
            .or_else(|| contact::iban(rest).map(hide(Kind::Iban)))
            .or_else(|| contact::plate(rest, told == Some(Cue::Plate)).map(hide(Kind::Plate)))
            .or_else(|| {
                let is_told = told == Some(Cue::Passport);
                if is_told { passport::foreign(rest).map(hide(Kind::Passport)) } else { None }
            })
            .or_else(|| self.place_or_person(rest, first));
        if found.is_some() {
            return found;
        }
        self.hear(rest, first);
        // The rest of the word begins nothing.
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let length = if first.is_ascii() { length } else { length.max(first.len()) };
        Some(Here::Leave(length))
    }

    fn place_or_person(&mut self, rest: &str, first: &str) -> Option<Here> {
        let capital = is_capitalised(first);
        self.small.clear();
        self.small.extend(first.chars().flat_map(char::to_lowercase));
        if (capital || address::begins(&self.small))
            && self.digit_follows()
            && let Some(length) = address::find(rest)
        {
            return Some(Here::Hide(Kind::Address, length));
        }
        let between = self.text.get(self.words_end..self.at).unwrap_or_default();
        let announced = if is_gap(between) { self.announced(between) } else { None };
        let name = announced
            .and_then(|announced| person::after_words(rest, announced))
            .or_else(|| if first.starts_with(char::is_uppercase) { person::by_form(rest) } else { None });
        if let Some(length) = name {
            self.names.extend(super::parts_of_name(&rest[..length]));
            return Some(Here::Hide(Kind::Name, length));
        }
        (!first.is_empty() && self.names.contains(first)).then_some(Here::Hide(Kind::Name, first.len()))
    }

    /// Whether the last words announce a name: "my name is", "имя:".
    fn announced(&self, between: &str) -> Option<person::Announced> {
        let [earlier, before, last] = &self.words;
        match last.as_str() {
            "is" | "это" => person::announced(earlier, before).filter(|announced| announced.small_too),
            "name" | "имя" | "фио" if between.contains(':') => Some(person::FORM),
            _ => person::announced(before, last),
        }
    }

    /// Remembers the word, for what comes.
    fn hear(&mut self, rest: &str, first: &str) {
        let run = token::identifier(rest);
        let said = &rest[..run.max(first.len())];
        if rest.starts_with("р/с") || rest.starts_with("Р/с") || rest.starts_with("Р/С") {
            self.cue = Some((Cue::Account, self.at + "р/с".len()));
            return;
        }
        let small = &mut self.small;
        // An identifier is read by its parts.
        let heard =
            cue::of(first, small).or_else(|| rest[..run].rsplit('_').find_map(|part| cue::of(part, small)));
        if let Some(cue) = heard {
            self.cue = Some((cue, self.at + said.len()));
        }
        self.words.rotate_left(1);
        self.words[2].clear();
        if said.len() <= 40 {
            self.words[2].extend(first.chars().flat_map(char::to_lowercase));
        }
        self.words_end = self.at + said.len();
    }
}

fn hide(kind: Kind) -> impl Fn(usize) -> Here {
    move |length| Here::Hide(kind, length)
}

fn typed(length: usize) -> Here {
    Here::Hide(Kind::Typed, length)
}

/// Whether nothing but signs stands between two words.
fn is_gap(between: &str) -> bool {
    between.len() <= 12
        && between
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | ',' | '.' | '"' | '«' | '*'))
}
