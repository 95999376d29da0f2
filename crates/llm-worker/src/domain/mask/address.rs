//! Where somebody lives or works: a street with a house. A city alone, or a street alone, is nobody's address.

use super::words::{is_capitalised, small, spaces, word};

const STREETS: [&str; 26] = [
    "ул",
    "улица",
    "улице",
    "улицы",
    "пр-т",
    "пр-кт",
    "просп",
    "проспект",
    "проспекте",
    "пер",
    "переулок",
    "переулке",
    "наб",
    "набережная",
    "шоссе",
    "ш",
    "б-р",
    "бульвар",
    "бульваре",
    "пл",
    "площадь",
    "проезд",
    "мкр",
    "микрорайон",
    "тупик",
    "аллея",
];
const CITIES: [&str; 8] = ["г", "гор", "город", "пос", "посёлок", "село", "дер", "деревня"];
const HOUSES: [&str; 4] = ["д", "дом", "доме", "вл"];
const PARTS: [&str; 20] = [
    "к",
    "корп",
    "корпус",
    "стр",
    "строение",
    "лит",
    "литера",
    "кв",
    "квартира",
    "оф",
    "офис",
    "под",
    "подъезд",
    "этаж",
    "эт",
    "пом",
    "помещение",
    "комн",
    "apt",
    "suite",
];
const ENGLISH: [&str; 21] = [
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "court",
    "ct",
    "square",
    "sq",
    "terrace",
    "place",
    "highway",
    "hwy",
    "parkway",
];

/// A reader that goes forward over what fits.
#[derive(Clone, Copy)]
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, marks: &[char]) {
        loop {
            let gap = spaces(self.rest());
            self.at += gap;
            match self.rest().chars().next() {
                Some(c) if marks.contains(&c) => self.at += c.len_utf8(),
                _ if gap > 0 => {}
                _ => return,
            }
        }
    }

    /// One of these words, with the dot of an abbreviation.
    fn known(&mut self, words: &[&str]) -> bool {
        let length = word(self.rest());
        let found = length > 0 && words.contains(&small(&self.rest()[..length]).as_str());
        if found {
            self.at += length;
            if self.rest().starts_with('.') {
                self.at += 1;
            }
        }
        found
    }

    /// Up to three words with a capital, or that begin with a number ("8 Марта"), and what they end at.
    fn name(&mut self) -> bool {
        let begin = self.at;
        self.number_word();
        for _ in 0..3 {
            let gap = spaces(self.rest());
            let rest = &self.rest()[gap..];
            let length = word(rest);
            if length == 0 || !is_capitalised(&rest[..length]) {
                break;
            }
            self.at += gap + length;
        }
        let named = self.text[begin..self.at].chars().any(char::is_alphabetic);
        if !named {
            self.at = begin;
        }
        named
    }

    /// "8" of "8 Марта", "26-ти" of "26-ти Бакинских".
    fn number_word(&mut self) {
        let digits = self.rest().bytes().take(3).take_while(u8::is_ascii_digit).count();
        if digits > 0 && self.rest()[digits..].starts_with([' ', '-']) {
            let mut ahead = *self;
            ahead.at += digits;
            if ahead.rest().starts_with('-') {
                ahead.at += 1;
                ahead.at += word(ahead.rest());
            }
            *self = ahead;
        }
    }

    /// `5`, `5/2`, `12а`, `10-2`.
    fn number(&mut self) -> bool {
        let digits = self.rest().bytes().take(6).take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 5 {
            return false;
        }
        self.at += digits;
        let mut rest = self.rest().chars();
        match (rest.next(), rest.next()) {
            (Some('/' | '-'), Some(c)) if c.is_ascii_digit() => {
                self.at += 1;
                self.at += self.rest().bytes().take(4).take_while(u8::is_ascii_digit).count();
            }
            (Some(letter), after) if letter.is_alphabetic() && !after.is_some_and(char::is_alphanumeric) => {
                self.at += letter.len_utf8();
            }
            _ => {}
        }
        !self.rest().starts_with(char::is_alphanumeric)
    }
}

/// Whether an address may begin with this word, in small letters.
pub(super) fn begins(low: &str) -> bool {
    STREETS.contains(&low) || CITIES.contains(&low)
}

/// The length of the address that `text` begins with.
pub(super) fn find(text: &str) -> Option<usize> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return english(text).or_else(|| indexed(text));
    }
    russian(text)
}

/// A postal code before it.
fn indexed(text: &str) -> Option<usize> {
    let digits = text.bytes().take(7).take_while(u8::is_ascii_digit).count();
    let rest = text[digits..].strip_prefix(',').filter(|_| digits == 6)?;
    let gap = spaces(rest);
    russian(&rest[gap..]).map(|length| digits + 1 + gap + length)
}

fn russian(text: &str) -> Option<usize> {
    let mut reader = Reader::new(text);
    let mut ahead = reader;
    let is_city = ahead.known(&CITIES) && {
        ahead.skip(&[]);
        ahead.name()
    };
    if is_city || {
        ahead = reader;
        ahead.name()
    } {
        let named = ahead;
        ahead.skip(&[',']);
        let mut after = ahead;
        if ahead.at > named.at && is_street(&mut after) {
            reader = ahead;
        }
    }
    if !is_street(&mut reader) {
        return None;
    }
    let mut house = reader;
    house.skip(&[',']);
    let told = house.known(&HOUSES);
    house.skip(&['№']);
    let is_house = house.number();
    // "площадь Ленина 50" may be anything; with a comma or a "д." it is a house.
    let is_apart = told || text[reader.at..].starts_with(',') || text[reader.at..].starts_with(' ');
    if !is_house || !is_apart || house.rest().starts_with(" м") {
        return None;
    }
    let mut end = house;
    for _ in 0..5 {
        let mut part = end;
        part.skip(&[',']);
        if !part.known(&PARTS) {
            break;
        }
        part.skip(&['№']);
        if !part.number() {
            break;
        }
        end = part;
    }
    Some(end.at)
}

/// "ул. Ленина", "Ленинский проспект".
fn is_street(reader: &mut Reader<'_>) -> bool {
    let mut ahead = *reader;
    if ahead.known(&STREETS) {
        ahead.skip(&[]);
        if ahead.name() {
            *reader = ahead;
            return true;
        }
        return false;
    }
    // The word before is a name, with a capital.
    let length = word(ahead.rest());
    if length == 0 || !is_capitalised(&ahead.rest()[..length]) {
        return false;
    }
    ahead.at += length;
    ahead.skip(&[]);
    let is_street = ahead.known(&STREETS);
    if is_street {
        *reader = ahead;
    }
    is_street
}

/// `221B Baker Street, Apt 5, London`.
fn english(text: &str) -> Option<usize> {
    let mut reader = Reader::new(text);
    if !reader.number() {
        return None;
    }
    for nth in 0..4 {
        reader.skip(&[]);
        let length = word(reader.rest());
        let next = &reader.rest()[..length];
        if length == 0 || !is_capitalised(next) {
            return None;
        }
        let is_last = nth > 0 && ENGLISH.contains(&small(next).as_str());
        reader.at += length;
        if is_last {
            let mut end = reader;
            if end.rest().starts_with('.') {
                end.at += 1;
            }
            let mut part = end;
            part.skip(&[',']);
            if part.known(&PARTS) {
                part.skip(&['#']);
                if part.number() {
                    end = part;
                }
            }
            return Some(if end.rest().is_empty() || end.at > reader.at + 1 { end.at } else { reader.at });
        }
    }
    None
}
