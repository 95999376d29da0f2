//! Words that everybody uses whatever they speak of. They say more than the little ones and less than a name of a thing.

use std::collections::HashSet;
use std::sync::LazyLock;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").split_whitespace().collect());

/// Whether a word (as `words` gives it) is one of them, or a number.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::words;

    #[test]
    fn names_of_things_are_not_common_and_the_list_is_written_as_words_are() {
        for word in ["usually", "вообще", "42"] {
            assert!(is_common(word), "{word}");
        }
        for word in ["bitcoin", "nile", "билет", "kubernetes", "tonight", "friday"] {
            assert!(!is_common(word), "{word}");
        }
        for word in &*COMMON {
            assert_eq!(words(word), [*word], "it would never be met");
        }
    }
}
