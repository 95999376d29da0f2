//! Numbers as people type them.

/// The end of a number that the search looks for; then the whole is compared. It is shorter than any number without its
/// country, and long enough to be rare.
pub(super) const END: usize = 7;
/// A country has so many digits at most.
const COUNTRY: usize = 3;

pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a number as somebody has typed it is this one, of which all digits are known: with its country, or without and
/// then perhaps with what is dialled before it at home, a zero or Russia's 8.
pub(super) fn is_number(typed: &str, known: &str) -> bool {
    let typed = digits(typed);
    let at_home = typed.trim_start_matches('0');
    let russian = typed.strip_prefix('8').filter(|rest| rest.len() == 10 && known.starts_with('7'));
    [Some(at_home), russian]
        .into_iter()
        .flatten()
        .any(|number| number.len() >= END && known.len() <= number.len() + COUNTRY && known.ends_with(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_however_it_was_typed() {
        for (typed, known) in [
            ("+79129876543", "79129876543"),
            ("8 (912) 987-65-43", "79129876543"),
            ("912 987 65 43", "79129876543"),
            ("0049 151 2345678", "491512345678"),
            ("0151 2345678", "491512345678"),
            ("+372 5555 1234", "37255551234"),
            ("5555 1234", "37255551234"),
        ] {
            assert!(is_number(typed, known), "{typed}");
        }
        for (typed, known) in [
            ("9876543", "79129876543"),
            ("+79139876543", "79129876543"),
            ("8 912 987 65 43", "49129876543"),
            ("", "79129876543"),
            ("43", "43"),
        ] {
            assert!(!is_number(typed, known), "{typed}");
        }
    }
}
