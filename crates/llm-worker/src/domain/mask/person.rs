//! Names of people, where words or their form leave little doubt: "меня зовут …", "Mr. …", a patronymic, initials.
//! A capital letter alone hides nothing.

use super::words::{is_capitalised, small, spaces, word};

/// Endings of patronymics in their cases.
const PATRONYMICS: [&str; 16] = [
    "вич",
    "вича",
    "вичу",
    "вичем",
    "виче",
    "вна",
    "вны",
    "вне",
    "вну",
    "вной",
    "ична",
    "ичны",
    "ичне",
    "ичну",
    "ичной",
    "ильич",
];
/// Words of that form that are no patronymics.
const NO_PATRONYMICS: [&str; 9] =
    ["москвич", "москвича", "основна", "главна", "равна", "ровна", "давно", "кирпич", "отчизна"];
/// The endings that a surname in small letters is known by.
const SURNAMES: [&str; 14] =
    ["ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "ский", "ская", "цкий", "цкая", "енко", "чук"];
/// Never a name, though it may stand where one does.
const NO_NAMES: [&str; 28] = [
    "и",
    "а",
    "я",
    "мы",
    "не",
    "в",
    "на",
    "из",
    "с",
    "у",
    "по",
    "для",
    "это",
    "как",
    "хочу",
    "мне",
    "нужен",
    "нужна",
    "and",
    "i",
    "the",
    "a",
    "is",
    "not",
    "from",
    "it",
    "we",
    "my",
];
const MOST_WORDS: usize = 3;

/// A name is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    /// It may stand in small letters.
    pub(super) small_too: bool,
    /// How many words it has at least.
    least: usize,
}

/// A form's field: "Имя:".
pub(super) const FORM: Announced = Announced { small_too: false, least: 1 };

/// Whether the last two words, in small letters, announce a name.
pub(super) fn announced(before: &str, last: &str) -> Option<Announced> {
    match (before, last) {
        (_, "зовут") | ("моё" | "мое", "имя") | ("my", "name") => {
            Some(Announced { small_too: true, least: 1 })
        }
        (
            _,
            "mr" | "mrs" | "ms" | "dr" | "г-н" | "г-жа" | "господин" | "господина" | "госпожа" | "госпожи",
        ) => Some(FORM),
        (_, "уважением" | "sincerely") | ("best" | "kind", "regards") => {
            Some(Announced { small_too: false, least: 2 })
        }
        _ => None,
    }
}

/// The name that `text` begins with, after words that announce one.
pub(super) fn after_words(text: &str, announced: Announced) -> Option<usize> {
    let Announced { small_too, least } = announced;
    let (mut end, mut words) = (0, 0);
    for nth in 0..MOST_WORDS {
        let gap = if nth == 0 { 0 } else { spaces(&text[end..]) };
        if nth > 0 && gap == 0 {
            break;
        }
        let rest = &text[end + gap..];
        let length = word(rest);
        let next = &rest[..length];
        let low = small(next);
        let is_name = length > 0
            && next.chars().count() >= 2
            && !NO_NAMES.contains(&low.as_str())
            && (is_capitalised(next)
                || small_too
                    && (nth == 0 || is_patronymic(&low) || SURNAMES.iter().any(|end| low.ends_with(end))));
        if !is_name {
            break;
        }
        end += gap + length;
        words += 1;
    }
    (words >= least).then_some(end)
}

fn is_patronymic(word: &str) -> bool {
    word.chars().count() >= 6
        && PATRONYMICS.iter().any(|end| word.ends_with(end))
        && !NO_PATRONYMICS.contains(&small(word).as_str())
}

/// A name by its form: "Иван Петрович", "Петров Иван Сергеевич", "Петров И. С.", "И. С. Петров".
pub(super) fn by_form(text: &str) -> Option<usize> {
    let first = word(text);
    if first == 0 {
        return None;
    }
    if let Some(initials) = initials(text) {
        let gap = spaces(&text[initials..]);
        let surname = word(&text[initials + gap..]);
        let name = &text[initials + gap..][..surname];
        return (is_surname(name)).then_some(initials + gap + surname);
    }
    if !is_capitalised(&text[..first]) || !is_cyrillic(&text[..first]) {
        return None;
    }
    let mut ends = vec![first];
    let mut patronymic = None;
    while ends.len() < MOST_WORDS {
        let end = *ends.last()?;
        let gap = spaces(&text[end..]);
        let length = word(&text[end + gap..]);
        let next = &text[end + gap..][..length];
        if gap == 0 || !is_capitalised(next) || !is_cyrillic(next) {
            break;
        }
        ends.push(end + gap + length);
        if patronymic.is_none() && is_patronymic(next) {
            patronymic = Some(ends.len());
        }
    }
    if let Some(at) = patronymic {
        // "Иван Петрович Сидоров": the surname behind goes with it; behind three words there is none.
        let surname = at == 2 && ends.len() > 2;
        return ends.get(if surname { 2 } else { at - 1 }).copied();
    }
    let end = first;
    let gap = spaces(&text[end..]);
    let initials = initials(&text[end + gap..]).filter(|_| gap > 0 && is_surname(&text[..first]))?;
    Some(end + gap + initials)
}

fn is_cyrillic(word: &str) -> bool {
    word.chars().all(|c| matches!(c, 'А'..='я' | 'Ё' | 'ё' | '-'))
}

fn is_surname(word: &str) -> bool {
    is_capitalised(word) && is_cyrillic(word) && word.chars().count() >= 3
}

/// `И. С.` or `И.С.`, two of them.
fn initials(text: &str) -> Option<usize> {
    let mut end = 0;
    for _ in 0..2 {
        let gap = if end > 0 { spaces(&text[end..]) } else { 0 };
        let mut letters = text[end + gap..].chars();
        let letter = letters.next().filter(|c| matches!(c, 'А'..='Я' | 'Ё'))?;
        letters.next().filter(|c| *c == '.')?;
        end += gap + letter.len_utf8() + 1;
    }
    Some(end)
}
