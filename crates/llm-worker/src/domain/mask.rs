//! What says who a person is stays here: telephone numbers, e-mail addresses and card numbers go to a
//! provider as `<PHONE_1>` and come back as themselves.

/// The masks of one conversation. The same number is the same mask wherever it stands.
#[derive(Default)]
pub(crate) struct Mask {
    /// (mask, what it stands for), in the order they were met.
    known: Vec<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Email,
    Phone,
    Card,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Card => "CARD",
        }
    }
}

impl Mask {
    /// The text as a stranger may read it.
    pub(crate) fn hide(&mut self, text: &str) -> String {
        let mut hidden = String::with_capacity(text.len());
        let mut rest = text;
        let mut before: Option<char> = None;
        while let Some(c) = rest.chars().next() {
            let starts_word =
                before.is_none_or(|b| !b.is_alphanumeric() && !matches!(b, '.' | '_' | '@' | '+'));
            let found = if starts_word { found(rest) } else { None };
            let length = match found {
                Some((kind, length)) => {
                    hidden.push_str(&self.mask(kind, &rest[..length]));
                    length
                }
                None => {
                    hidden.push(c);
                    c.len_utf8()
                }
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        hidden
    }

    /// The text with what its masks stand for.
    pub(crate) fn reveal(&self, text: &str) -> String {
        // The later ones first: `<PHONE_1>` does not stand in `<PHONE_11>`, but nothing should rest on that.
        self.known
            .iter()
            .rev()
            .fold(text.to_owned(), |text, (mask, value)| text.replace(mask.as_str(), value))
    }

    fn mask(&mut self, kind: Kind, value: &str) -> String {
        if let Some((mask, _)) = self.known.iter().find(|(_, known)| known == value) {
            return mask.clone();
        }
        let start = format!("<{}_", kind.word());
        let number = 1 + self.known.iter().filter(|(mask, _)| mask.starts_with(&start)).count();
        let mask = format!("{start}{number}>");
        self.known.push((mask.clone(), value.to_owned()));
        mask
    }
}

/// What `text` begins with, if it is to be hidden, and its length in bytes.
fn found(text: &str) -> Option<(Kind, usize)> {
    email(text).map(|length| (Kind::Email, length)).or_else(|| number(text))
}

fn email(text: &str) -> Option<usize> {
    let local =
        text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '+' | '%'))?;
    let domain = text[local..].strip_prefix('@').filter(|_| local > 0)?;
    let end = domain.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-')).unwrap_or(domain.len());
    let name = domain[..end].trim_end_matches(['.', '-']);
    let (host, top) = name.rsplit_once('.')?;
    (!host.is_empty() && top.chars().count() >= 2).then_some(local + 1 + name.len())
}

/// A card number (by its check digit), or a telephone number: with a `+`, or as Russians write it, 8 or 7
/// and ten digits. An amount such as `12 000 000 000` is neither. Where more digits follow ("89129876543 2
/// человека"), the number ends at the gap before them.
fn number(text: &str) -> Option<(Kind, usize)> {
    let plus = text.starts_with('+');
    let (mut digits, mut end) = (Vec::new(), 0);
    let mut gap = 0;
    // Where a telephone number may have ended, and whether its shape leaves no doubt.
    let mut ended: Option<(usize, bool)> = None;
    // Where the number of a card ended, before its date or its code.
    let mut card_ended = None;
    for (at, c) in text.char_indices() {
        match c {
            '+' if at == 0 => {}
            c if c.is_ascii_digit() => {
                digits.push(c);
                (end, gap) = (at + 1, 0);
            }
            ' ' | '\u{a0}' | '-' | '(' | ')' | '\u{2011}'..='\u{2013}' if !digits.is_empty() || c == '(' => {
                if gap == 0 && is_phone(plus, &digits) && !ended.is_some_and(|(_, sure)| sure) {
                    ended = Some((end, is_russian(&digits)));
                }
                if gap == 0 && !plus && is_card(&digits) {
                    card_ended = Some((Kind::Card, end));
                }
                gap += 1;
            }
            _ => break,
        }
        if gap > 2 || digits.len() > 19 {
            break;
        }
    }
    if let (true, Some((end, true))) = (plus, ended) {
        return Some((Kind::Phone, end));
    }
    let card = !plus && is_card(&digits);
    let whole = match () {
        () if text[end..].starts_with(|c: char| c.is_alphanumeric()) => None,
        () if is_phone(plus, &digits) => Some((Kind::Phone, end)),
        () => card.then_some((Kind::Card, end)),
    };
    whole.or(card_ended).or_else(|| ended.map(|(end, _)| (Kind::Phone, end)))
}

fn is_phone(plus: bool, digits: &[char]) -> bool {
    plus && (9..=15).contains(&digits.len()) || is_russian(digits)
}

fn is_russian(digits: &[char]) -> bool {
    matches!(digits, ['7' | '8', '3'..='9', ..]) && digits.len() == 11
}

/// As long as a card's number, with its check digit (of Luhn).
fn is_card(digits: &[char]) -> bool {
    if !(13..=19).contains(&digits.len()) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match digit.to_digit(10).unwrap_or(0) * (1 + place as u32 % 2) {
            sum if sum > 9 => sum - 9,
            sum => sum,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != '0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_addresses_go_out_masked_and_come_back() {
        let mut mask = Mask::default();
        let text = "Я Иван, +7 912 987-65-43 или 8(912)987-65-43, ivan.p+tg@mail.example.ru. Карта 4111 1111 1111 1111.";
        let hidden = mask.hide(text);
        assert_eq!(hidden, "Я Иван, <PHONE_1> или <PHONE_2>, <EMAIL_1>. Карта <CARD_1>.");
        assert_eq!(mask.hide("Ещё раз: +7 912 987-65-43"), "Ещё раз: <PHONE_1>");
        assert_eq!(mask.reveal(&hidden), text);
        assert_eq!(mask.reveal("Позвоним на <PHONE_2>, <PHONE_9>"), "Позвоним на 8(912)987-65-43, <PHONE_9>");
    }

    #[test]
    fn a_number_ends_where_others_begin() {
        for (text, hidden) in [
            ("89129876543 2 человека", "<PHONE_1> 2 человека"),
            ("8 912 987-65-43 10:00", "<PHONE_1> 10:00"),
            ("89129876543 89161234567", "<PHONE_1> <PHONE_2>"),
            ("+7 912 987-65-43, 8 916 123-45-67 18", "<PHONE_1>, <PHONE_2> 18"),
            ("+79129876543 2 человека", "<PHONE_1> 2 человека"),
            ("+79129876543 2человека", "<PHONE_1> 2человека"),
            ("+44 20 7946 0958 89161234567", "<PHONE_1> <PHONE_2>"),
            ("2 89129876543", "2 <PHONE_1>"),
            ("4111 1111 1111 1111 12/27", "<CARD_1> 12/27"),
            ("4111111111111111 123", "<CARD_1> 123"),
            ("4111 1111 1111 1112 12/27", "4111 1111 1111 1112 12/27"),
        ] {
            assert_eq!(Mask::default().hide(text), hidden);
        }
    }

    #[test]
    fn amounts_dates_and_names_are_left() {
        let mut mask = Mask::default();
        for text in [
            "1 200 000 тг",
            "$5,000–15,000",
            "2026-05-15",
            "15.05.2026",
            "@ivan_p",
            "24/7",
            "a@b",
            "ISO 27001",
        ] {
            assert_eq!(mask.hide(text), text);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_hidden_is_revealed(text in "([a-zа-я]{1,5}|[0-9]{1,6}|[ @.+()_-]){0,60}") {
            let mut mask = Mask::default();
            let hidden = mask.hide(&text);
            prop_assert_eq!(mask.reveal(&hidden), text);
        }

        #[test]
        fn a_russian_number_never_passes(digits in "9[0-9]{9}", more in "( [0-9]{1,11})?") {
            let mut mask = Mask::default();
            let in_parts = format!("8 {} {}", &digits[..3], &digits[3..]);
            for number in [format!("+7{digits}"), format!("тел. 8{digits}"), in_parts] {
                let hidden = mask.hide(&format!("{number}{more}."));
                // Thirteen digits and more may be a card's by chance; then they are hidden as that.
                prop_assert!(hidden.contains("<PHONE_") || hidden.contains("<CARD_"), "{}", hidden);
            }
        }
    }
}
