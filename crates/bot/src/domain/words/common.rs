//! Words that everybody uses whatever they speak of. They say more than the little ones and less than a name of a thing.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Stems;

static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let stems = Stems::default();
    LIST.split_whitespace().map(|word| stems.stem(word)).collect()
});
const LIST: &str = include_str!("common.txt");

/// Whether a word, whose stem this is, is one of them, or a number.
pub(crate) fn is_common(stem: &str) -> bool {
    COMMON.contains(stem) || stem.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::words;

    #[test]
    fn names_of_things_are_not_common_and_the_list_is_written_as_words_are() {
        for word in ["usually", "вообще", "42"] {
            assert!(is_common(&Stems::default().stem(word)), "{word}");
        }
        for word in ["bitcoin", "nile", "билет", "kubernetes", "tonight", "friday"] {
            assert!(!is_common(&Stems::default().stem(word)), "{word}");
        }
        for word in LIST.split_whitespace() {
            assert_eq!(words(word), [word], "it would never be met");
        }
    }
}
