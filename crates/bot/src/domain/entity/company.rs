//! Companies by their legal form: ООО «Ромашка», ИП Иванов, Acme Inc., Muster GmbH; or by the word before the quotes:
//! компания «Ромашка».

use super::found::Found;
use super::plain::MAX_CHARS;

/// Stand before the name.
const BEFORE: [&str; 14] =
    ["ооо", "оао", "зао", "пао", "нао", "ао", "ип", "нпо", "фгуп", "муп", "гк", "тоо", "осоо", "чуп"];
/// No form and no word before a name is longer.
const MAX_FORM_CHARS: usize = 12;
/// Stand behind the name, without dots.
const BEHIND: [&str; 17] = [
    "AG", "SA", "SAS", "BV", "NV", "AB", "OY", "Oy", "ApS", "SRL", "SpA", "KG", "Pty", "UAB", "SIA", "FZE",
    "FZCO",
];
/// The same, known however they are written.
const ANY_CASE: [&str; 10] =
    ["inc", "llc", "ltd", "limited", "gmbh", "corp", "corporation", "plc", "llp", "oü"];
/// Stand before a name in quotes.
const CALLED: [&str; 18] = [
    "компания",
    "компании",
    "компанию",
    "компанией",
    "фирма",
    "фирмы",
    "фирме",
    "студия",
    "студии",
    "магазин",
    "магазина",
    "агентство",
    "агентства",
    "завод",
    "завода",
    "бренд",
    "company",
    "called",
];
const MAX_NAME_CHARS: usize = 60;
const MAX_NAME_WORDS: usize = 4;

/// The first company that a text names.
pub(crate) fn find_company(text: &str) -> Option<Found<String>> {
    let text = text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end]);
    let words = words(text);
    (0..words.len()).find_map(|nth| {
        let (start, end) = of_russian_form(text, &words, nth).or_else(|| of_foreign_form(&words, nth))?;
        Some(Found::new(normal(text.get(start..end)?), text, start..end, 0.85))
    })
}

struct Word<'t> {
    at: usize,
    text: &'t str,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// Without the marks around it, and whether something ended before or behind.
    fn bare(&self) -> &str {
        self.text.trim_matches(|c: char| !c.is_alphanumeric())
    }

    fn is_name(&self) -> bool {
        self.bare().chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
    }

    /// A comma or a full stop stands behind it; the dot of an initial or of "Co." is none.
    fn ends_something(&self) -> bool {
        self.text.ends_with([',', ';', ':', '!', '?', ')'])
            || (self.text.ends_with('.') && !self.is_initial())
    }

    /// `И.`, `И.И.`
    fn is_initial(&self) -> bool {
        let letters = self.text.chars().filter(|c| c.is_alphabetic()).count();
        self.text.ends_with('.') && letters <= 2 && self.text.chars().filter(|c| *c == '.').count() == letters
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace)
        .filter_map(|part| {
            let word = Word { at, text: part.trim_end() };
            at += part.len();
            (!word.text.is_empty()).then_some(word)
        })
        .collect()
}

fn of_russian_form(text: &str, words: &[Word<'_>], nth: usize) -> Option<(usize, usize)> {
    let word = &words[nth];
    let bare = word.bare();
    // "ООО«Ромашка»" is one word.
    let glued =
        word.text.find(is_quote).map(|at| word.text[..at].trim_matches(|c: char| !c.is_alphanumeric()));
    let form = glued.filter(|form| !form.is_empty()).unwrap_or(bare);
    if !form.starts_with(char::is_alphabetic) || form.chars().nth(MAX_FORM_CHARS).is_some() {
        return None;
    }
    let lower = form.to_lowercase();
    let is_form = BEFORE.contains(&lower.as_str());
    let is_called = CALLED.contains(&lower.as_str());
    if !is_form && !is_called {
        return None;
    }
    let start = word.at + word.text.find(form)?;
    if let Some(end) = quoted(text, start + form.len()) {
        // Of "компания «Ромашка»" the name is the company.
        let name = start + form.len() + text.get(start + form.len()..end)?.find(is_quote)?;
        return Some((if is_form { start } else { name }, end));
    }
    // In small letters only quotes show a name: "ип" may be an address on the internet.
    if !is_form || !form.starts_with(char::is_uppercase) || word.ends_something() {
        return None;
    }
    let mut end = None;
    for name in words.iter().skip(nth + 1).take(if lower == "ип" { 3 } else { 2 }) {
        if !name.is_name() {
            break;
        }
        end = Some(name.at + name.text.trim_end_matches([',', ';', ':', '!', '?', ')']).len());
        if name.ends_something() {
            end = end.map(|end| end - usize::from(name.text.ends_with('.')));
            break;
        }
    }
    Some((start, end?))
}

/// Where the quotes end that begin here.
fn quoted(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let open = rest.find(|c: char| !c.is_whitespace())?;
    let first = rest[open..].chars().next().filter(|c| is_quote(*c))?;
    let inside = &rest[open + first.len_utf8()..];
    let close = inside.char_indices().take(MAX_NAME_CHARS).find(|(_, c)| is_quote(*c))?;
    let has_name = inside[..close.0].chars().any(char::is_alphanumeric);
    has_name.then(|| from + open + first.len_utf8() + close.0 + close.1.len_utf8())
}

fn of_foreign_form(words: &[Word<'_>], nth: usize) -> Option<(usize, usize)> {
    let bare = words[nth].bare();
    if !bare.starts_with(char::is_alphabetic) || bare.chars().nth(MAX_FORM_CHARS).is_some() {
        return None;
    }
    let form: String = bare.chars().filter(|c| *c != '.').collect();
    if !BEHIND.contains(&form.as_str()) && !ANY_CASE.contains(&form.to_lowercase().as_str()) {
        return None;
    }
    let name = words[..nth].iter().rev().take(MAX_NAME_WORDS).take_while(|word| {
        let ended = word.ends_something() && !word.text.ends_with(',');
        (word.is_name() || word.text == "&") && !ended
    });
    let first = name.last()?;
    let start = first.at + first.text.find(|c: char| c.is_alphanumeric() || c == '&')?;
    let last = &words[nth];
    let tail = last.text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    // The dot of "Inc." is part of it, and so is the one of "S.A.".
    let dot = usize::from(
        last.text[tail..].starts_with('.') && nth + 1 < words.len() || last.text[..tail].contains('.'),
    );
    Some((start, (last.at + tail + dot).min(last.end())))
}

const fn is_quote(c: char) -> bool {
    matches!(c, '«' | '»' | '"' | '“' | '”' | '„')
}

/// One kind of space, of dash and of quotes.
fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    let mut open = false;
    for c in name.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => normal.push('-'),
            c if is_quote(c) => {
                if !open && normal.ends_with(char::is_alphanumeric) {
                    normal.push(' ');
                }
                normal.push(if open { '»' } else { '«' });
                open = !open;
            }
            c if c.is_control() => {}
            c => normal.push(c),
        }
    }
    let inside = normal.strip_prefix('«').and_then(|name| name.strip_suffix('»'));
    inside.map_or(normal.clone(), str::to_owned)
}
