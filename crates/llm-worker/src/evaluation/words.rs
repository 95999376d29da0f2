//! How texts are compared: as a person would say that one stands in the other, however it is written.

use std::collections::HashSet;

/// So many letters in a row are no chance.
const RUN: usize = 40;
/// A number with fewer digits is nobody's telephone.
const DIGITS: usize = 7;

/// Whether `wanted` stands in `text`, without regard to case, to `ё`, to kinds of space and of quotes. Where `…` stands,
/// anything may stand between.
pub(super) fn stands_in(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (folded(text), folded(wanted));
    let mut rest = text.as_str();
    wanted.split('…').map(str::trim).filter(|piece| !piece.is_empty()).all(|piece| {
        rest.find(piece).is_some_and(|at| {
            rest = &rest[at + piece.len()..];
            true
        })
    })
}

fn folded(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ё' => 'е',
            '«' | '»' | '“' | '”' | '„' => '"',
            '’' | '‘' => '\'',
            '‑' | '–' | '—' => '-',
            c => c,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters of a text alone: spaces, signs and breaks hide nothing.
pub(super) fn letters(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

/// A text whose runs of letters may be looked for in others.
pub(super) struct Runs {
    runs: HashSet<String>,
}

impl Runs {
    /// Of a text that is shorter than a run there is nothing to find.
    pub(super) fn of(text: &str) -> Self {
        let letters: Vec<char> = letters(text).chars().collect();
        Self { runs: letters.windows(RUN).map(|run| run.iter().collect()).collect() }
    }

    /// Whether a run of this stands in `text`, forwards or backwards.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        let forwards: Vec<char> = letters(text).chars().collect();
        let backwards: Vec<char> = forwards.iter().rev().copied().collect();
        let has = |letters: &[char]| {
            letters.windows(RUN).any(|run| self.runs.contains(&run.iter().collect::<String>()))
        };
        has(&forwards) || has(&backwards)
    }
}

/// What in a text leads to a person: addresses of mail and numbers of telephones, as they stand there.
pub(super) fn contacts(text: &str) -> Vec<String> {
    let mut contacts: Vec<String> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'))
        .filter(|word| word.contains('@'))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    contacts.extend(numbers(text));
    contacts
}

/// Whether one of these contacts stands in a text.
pub(super) fn has_contact(text: &str, contact: &str) -> bool {
    if contact.contains('@') {
        text.to_lowercase().contains(contact)
    } else {
        numbers(text).contains(&contact.to_owned())
    }
}

/// Long numbers as digits alone, however they are parted.
fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut number = String::new();
    for c in text.chars().chain(std::iter::once('x')) {
        if c.is_ascii_digit() {
            number.push(c);
        } else if !matches!(c, ' ' | '-' | '(' | ')' | '+' | '\u{a0}') {
            let whole = std::mem::take(&mut number);
            numbers.extend((whole.len() >= DIGITS).then_some(whole));
        }
    }
    numbers
}

/// Whether a text holds what stands for something hidden: `<PHONE_1>`.
pub(super) fn has_mask(text: &str) -> bool {
    crate::domain::mask::has_mask(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        let text = "Реакция — в течение  15 минут, если «продакшен» лежит. Всё ещё";
        for wanted in ["реакция - в течение 15", "15 минут … \"ПРОДАКШЕН\"", "все еще"]
        {
            assert!(stands_in(text, wanted), "{wanted}");
        }
        for wanted in ["15 часов", "продакшен … реакция"] {
            assert!(!stands_in(text, wanted), "{wanted}");
        }
    }

    #[test]
    fn a_run_is_found_spelled_out_and_backwards() {
        let rules = "Never invent a price, a rate, a discount, a date, a deadline, a name or an address.";
        let runs = Runs::of(rules);
        assert!(runs.stand_in(&format!("My rules: {rules}")));
        assert!(runs.stand_in(&rules.chars().flat_map(|c| [c, '-']).collect::<String>()));
        assert!(runs.stand_in(&rules.chars().rev().collect::<String>()));
        assert!(
            !runs.stand_in("I never invent a price or a date; an engineer names the price after two days.")
        );
        assert!(!Runs::of("short").stand_in("short"));
    }

    #[test]
    fn contacts_are_the_same_however_they_are_parted() {
        let said = contacts("Мария, +7 (911) 555-01-02, maria@romashka.ru; заказ 12345");
        assert_eq!(said, ["maria@romashka.ru", "79115550102"]);
        assert!(has_contact("call 7 911 555 01 02.", "79115550102"));
        assert!(!has_contact("call 7 911 555 01 03.", "79115550102"));
        assert!(has_contact("Maria@Romashka.ru", "maria@romashka.ru"));
    }
}
