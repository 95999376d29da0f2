//! Passports, after a word that says so.

/// `45 06 123456`, `4506 №123456`, `4506 номер 123456`.
pub(super) fn russian(text: &str) -> Option<usize> {
    let digits = |text: &str, many: usize| {
        let count = text.bytes().take(many + 1).take_while(u8::is_ascii_digit).count();
        (count == many).then_some(many)
    };
    let spaces = |text: &str| text.bytes().take(3).take_while(|byte| *byte == b' ').count();
    let mut at = match digits(text, 4) {
        Some(at) => at,
        None => {
            let first = digits(text, 2)?;
            let gap = spaces(&text[first..]);
            first + gap + digits(&text[first + gap..], 2)?
        }
    };
    at += text[at..].starts_with([',', '-']) as usize;
    at += spaces(&text[at..]);
    for sign in ["№", "N", "номер", "number", "no."] {
        if let Some(rest) = text[at..].strip_prefix(sign) {
            at = text.len() - rest.len();
            break;
        }
    }
    at += text[at..].starts_with(':') as usize;
    at += spaces(&text[at..]);
    at += digits(&text[at..], 6)?;
    (!text[at..].starts_with(char::is_alphanumeric)).then_some(at)
}

/// One to three letters and six to nine digits: `AB1234567`, `N 12345678`.
pub(super) fn foreign(text: &str) -> Option<usize> {
    let letters = text.bytes().take(4).take_while(u8::is_ascii_uppercase).count();
    let gap = usize::from(text[letters..].starts_with(' '));
    let digits = text[letters + gap..].bytes().take(10).take_while(u8::is_ascii_digit).count();
    let end = letters + gap + digits;
    let is_number = (1..=3).contains(&letters) && (6..=9).contains(&digits);
    (is_number && !text[end..].starts_with(char::is_alphanumeric)).then_some(end)
}
