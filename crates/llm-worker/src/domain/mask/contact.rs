//! Ways to reach a person, their bank and their car: e-mail, Telegram, IBAN, number plates.

use super::checksum;

/// The letters that Cyrillic and Latin plates share.
const PLATE_LETTERS: &str = "авекмнорстухabekmhopctyx";

pub(super) fn email(text: &str) -> Option<usize> {
    let is_local =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%');
    let local = text.bytes().take(65).take_while(|byte| is_local(*byte)).count();
    let domain = text[local..].strip_prefix('@').filter(|_| (1..=64).contains(&local))?;
    let end = domain
        .char_indices()
        .take(254)
        .find(|(_, c)| !c.is_alphanumeric() && !matches!(c, '.' | '-'))
        .map_or_else(|| domain.char_indices().nth(254).map_or(domain.len(), |(at, _)| at), |(at, _)| at);
    let name = domain[..end].trim_end_matches(['.', '-']);
    let (host, top) = name.rsplit_once('.')?;
    (!host.is_empty() && top.chars().count() >= 2).then_some(local + 1 + name.len())
}

/// `@name`, if it is a person's: a bot's name ends in "bot", and words of programs are none.
pub(super) fn username(text: &str) -> Option<usize> {
    const NOBODY: [&str; 11] = [
        "everyone",
        "botfather",
        "channel",
        "media",
        "import",
        "property",
        "override",
        "deprecated",
        "keyframes",
        "charset",
        "param",
    ];
    let name = name_of_telegram(text.strip_prefix('@')?)?;
    let after = &text[1 + name.len()..];
    // `@angular/core`, `@app.route(…)`, `@cached(…)`.
    let is_code = after.starts_with(['/', '('])
        || after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    let small = name.to_ascii_lowercase();
    (!is_code && !NOBODY.contains(&small.as_str())).then_some(1 + name.len())
}

/// `t.me/name`, `telegram.me/name`, if it is a person's.
pub(super) fn link_of_telegram(text: &str) -> Option<usize> {
    const HOSTS: [&str; 3] = ["t.me/", "telegram.me/", "telegram.dog/"];
    const PAGES: [&str; 9] =
        ["joinchat", "addstickers", "addemoji", "share", "proxy", "socks", "boost", "setlanguage", "login"];
    let host =
        HOSTS.iter().find(|host| text.get(..host.len()).is_some_and(|h| h.eq_ignore_ascii_case(host)))?;
    let path = &text[host.len()..];
    if let Some(digits) = path.strip_prefix('+') {
        // `t.me/+79121234567` is a person, `t.me/+AbCdEf…` a group.
        let count = digits.bytes().take(16).take_while(u8::is_ascii_digit).count();
        let is_number = (9..=15).contains(&count)
            && !digits[count..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        return is_number.then_some(host.len() + 1 + count);
    }
    let name = name_of_telegram(path)?;
    (!PAGES.contains(&name.to_ascii_lowercase().as_str())).then_some(host.len() + name.len())
}

fn name_of_telegram(text: &str) -> Option<&str> {
    let end = text.bytes().take(33).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let name = &text[..end];
    let is_name = (5..=32).contains(&end)
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text[end..].starts_with(char::is_alphanumeric);
    let is_bot = end >= 3 && name[end - 3..].eq_ignore_ascii_case("bot");
    (is_name && !is_bot).then_some(name)
}

/// How long the accounts of a country are.
const IBAN_LENGTHS: [(&str, usize); 44] = [
    ("AE", 23),
    ("AT", 20),
    ("AZ", 28),
    ("BE", 16),
    ("BG", 22),
    ("BY", 28),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IS", 26),
    ("IT", 27),
    ("KZ", 20),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SE", 24),
    ("SI", 19),
    ("TR", 26),
    ("UA", 29),
];

pub(super) fn iban(text: &str) -> Option<usize> {
    let [a, b, c, d, ..] = text.as_bytes() else { return None };
    let may_be =
        a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit();
    if !may_be {
        return None;
    }
    let country = text.get(..2)?.to_ascii_uppercase();
    let (_, length) = IBAN_LENGTHS.iter().find(|(known, _)| *known == country)?;
    let mut compact = String::with_capacity(*length);
    let mut end = 0;
    for (at, c) in text.char_indices().take(2 * length) {
        match c {
            c if c.is_ascii_alphanumeric() => compact.push(c.to_ascii_uppercase()),
            ' ' | '\u{a0}' | '-' if at > 0 => continue,
            _ => break,
        }
        end = at + 1;
        if compact.len() == *length {
            break;
        }
    }
    let is_whole = compact.len() == *length && !text[end..].starts_with(char::is_alphanumeric);
    (is_whole && checksum::iban(&compact)).then_some(end)
}

/// A Russian plate, `А123ВС77`; with `told`, also the forms of Kazakhstan and Uzbekistan.
pub(super) fn plate(text: &str, told: bool) -> Option<usize> {
    russian_plate(text).or_else(|| if told { other_plate(text) } else { None })
}

/// The shape of a text's beginning: letters as `a`, digits as `1`, single spaces left out; and where each ends.
fn shape(text: &str) -> (String, Vec<usize>) {
    let (mut shape, mut ends) = (String::new(), Vec::new());
    let mut was_space = true;
    for (at, c) in text.char_indices().take(14) {
        match c {
            '0'..='9' => shape.push('1'),
            c if c.is_alphabetic() => shape.push('a'),
            ' ' if !was_space => {
                was_space = true;
                continue;
            }
            _ => break,
        }
        was_space = false;
        ends.push(at + c.len_utf8());
    }
    (shape, ends)
}

fn russian_plate(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let may_be = chars.next().is_some_and(char::is_alphabetic)
        && chars.find(|c| *c != ' ').is_some_and(|c| c.is_ascii_digit());
    if !may_be {
        return None;
    }
    let (shape, ends) = shape(text);
    let length = ["a111aa111", "a111aa11"].into_iter().find(|plate| shape.starts_with(plate))?.len();
    let end = ends[length - 1];
    let plate = &text[..end];
    let letters = plate.chars().filter(|c| c.is_alphabetic());
    let is_plate = letters.clone().all(|c| c.to_lowercase().all(|c| PLATE_LETTERS.contains(c)))
        && letters.clone().all(char::is_uppercase) | letters.clone().all(|c| !c.is_ascii())
        && !plate.contains("000")
        && !text[end..].starts_with(char::is_alphanumeric);
    is_plate.then_some(end)
}

fn other_plate(text: &str) -> Option<usize> {
    let (shape, ends) = shape(text);
    // 123ABC02 (Kazakhstan), 01A123BC and 01123ABC (Uzbekistan).
    let length =
        ["111aaa11", "11a111aa", "11111aaa"].into_iter().find(|plate| shape.starts_with(plate))?.len();
    let end = ends[length - 1];
    let is_whole = !text[end..].starts_with(char::is_alphanumeric);
    (is_whole && text[..end].chars().all(|c| !c.is_lowercase())).then_some(end)
}
