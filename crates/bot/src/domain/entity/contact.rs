//! E-mail addresses, telephone numbers and Telegram names.

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
pub(crate) fn find_reach(text: &str) -> Option<Reach> {
    let text: String = text.chars().take(1_000).collect();
    let parts = || text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '|'));
    if let Some(email) = parts().find_map(email) {
        return Some(Reach::Email(email));
    }
    if let Some(phone) = phone(&text) {
        return Some(Reach::Phone(phone));
    }
    parts().find_map(telegram).map(Reach::Telegram)
}

fn email(part: &str) -> Option<String> {
    let part = part.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
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

/// The first run of digits, with the marks people put between them, that can be a telephone number.
fn phone(text: &str) -> Option<String> {
    let mut run = String::new();
    let mut gap = 0;
    // A space at the end closes the last run.
    for c in text.chars().chain([' ', ' ', ' ', ' ']) {
        let c = if is_dash(c) { '-' } else { c };
        if let Some(digit) = c.to_digit(10) {
            run.extend(char::from_digit(digit, 10));
            gap = 0;
        } else if c == '+' && run.is_empty() {
            run.push('+');
            gap = 0;
        } else if matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '(' | ')' | '.')
            && gap < 3
            && !run.is_empty()
        {
            gap += 1;
        } else {
            if let Some(phone) = normal_phone(&run) {
                return Some(phone);
            }
            run.clear();
            gap = 0;
        }
    }
    normal_phone(&run)
}

/// A telephone number in E.164 where the country is known; `None` where it can not be one.
pub(crate) fn normal_phone(text: &str) -> Option<String> {
    let plus = text.trim_start().starts_with('+');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match (plus, digits.len()) {
        (true, 8..=15) => Some(format!("+{digits}")),
        // How people in Russia and Kazakhstan write their own numbers.
        (false, 11) if digits.starts_with('8') || digits.starts_with('7') => {
            Some(format!("+7{}", &digits[1..]))
        }
        (false, 10) if digits.starts_with('9') => Some(format!("+7{digits}")),
        (false, 10..=15) => Some(digits),
        _ => None,
    }
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

const fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
            ("tel.: 1-202-555-0143", phone("12025550143")),
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
            assert_eq!(find_reach(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,200}") {
            let _ = find_reach(&text);
        }
    }
}
