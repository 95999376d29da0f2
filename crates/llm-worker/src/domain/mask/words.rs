//! Words, as names and addresses are made of them.

/// The length of the word that `text` begins with: letters, and a few hyphens and apostrophes
/// between letters.
pub(super) fn word(text: &str) -> usize {
    let mut end = 0;
    let (mut joined, mut parts) = (None, 1);
    for (at, c) in text.char_indices().take(40) {
        match c {
            c if c.is_alphabetic() => {
                end = at + c.len_utf8();
                joined = None;
            }
            '-' | '\'' | '\u{2019}' if end > 0 && joined.is_none() && parts < 4 => {
                joined = Some(at);
                parts += 1;
            }
            _ => break,
        }
    }
    end
}

/// The text behind up to `most` spaces, and how many bytes these are.
pub(super) fn spaces(text: &str) -> usize {
    text.char_indices()
        .find(|(_, c)| !matches!(c, ' ' | '\u{a0}' | '\t'))
        .map_or(text.len(), |(at, _)| at)
        .min(4)
}

/// A capital first, small letters after it: "Иван", "Smith", "Римский-Корсаков".
pub(super) fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
}

pub(super) fn small(word: &str) -> String {
    word.to_lowercase()
}
