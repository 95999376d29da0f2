//! Lengths and offsets in UTF-16 units, in which Telegram counts.

use std::ops::Range;

/// The length of a text in UTF-16 units.
#[must_use]
pub fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// Turns ranges in UTF-16 units (begin, end) into ranges of bytes, all in one pass over the text. `None` for
/// one that is empty, reversed, reaches out of the text, or begins or ends inside a character.
#[must_use]
pub fn byte_ranges(text: &str, ranges: &[(i64, i64)]) -> Vec<Option<Range<usize>>> {
    let mut wanted: Vec<i64> = ranges.iter().flat_map(|&(begin, end)| [begin, end]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = byte_offsets(text, &wanted);
    let byte_at =
        |unit: i64| wanted.binary_search(&unit).ok().and_then(|at| found.get(at).copied().flatten());
    ranges
        .iter()
        .map(|&(begin, end)| if begin < end { Some(byte_at(begin)?..byte_at(end)?) } else { None })
        .collect()
}

/// The byte offset of each of the wanted offsets, which must be in ascending order.
fn byte_offsets(text: &str, wanted: &[i64]) -> Vec<Option<usize>> {
    let mut boundaries = text
        .char_indices()
        .map(|(byte, c)| (byte, c.len_utf16()))
        .chain([(text.len(), 0)])
        .scan(0_i64, |unit, (byte, len)| {
            let here = *unit;
            *unit += i64::try_from(len).unwrap_or(0);
            Some((here, byte))
        })
        .peekable();
    wanted
        .iter()
        .map(|&unit| {
            while boundaries.next_if(|&(here, _)| here < unit).is_some() {}
            boundaries.peek().filter(|&&(here, _)| here == unit).map(|&(_, byte)| byte)
        })
        .collect()
}

/// The byte length of the longest beginning of a text that has at most `limit` UTF-16 units and ends on a
/// character boundary, and whether that is the whole text.
#[must_use]
pub fn prefix(text: &str, limit: usize) -> (usize, bool) {
    let mut units = 0;
    for (byte, c) in text.char_indices() {
        units += c.len_utf16();
        if units > limit {
            return (byte, false);
        }
    }
    (text.len(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emoji_count_two_and_letters_one() {
        assert_eq!(len("abc"), 3);
        assert_eq!(len("привет"), 6);
        assert_eq!(len("👍🏽"), 4);
    }

    #[test]
    fn ranges_are_turned_into_bytes_in_any_order() {
        let text = "a👍я!";
        assert_eq!(
            byte_ranges(text, &[(4, 5), (0, 3), (1, 2), (2, 3), (5, 5), (4, 9), (-1, 1), (3, 1)]),
            [Some(7..8), Some(0..5), None, None, None, None, None, None]
        );
    }

    #[test]
    fn a_prefix_never_cuts_a_character() {
        assert_eq!(prefix("a👍b", 2), (1, false));
        assert_eq!(prefix("a👍b", 3), (5, false));
        assert_eq!(prefix("a👍b", 4), (6, true));
        assert_eq!(prefix("", 0), (0, true));
    }

    proptest! {
        #[test]
        fn what_is_turned_into_bytes_has_the_length_in_units(text in "\\PC{0,40}", begin in 0i64..60, len in 1i64..60) {
            if let Some(range) = byte_ranges(&text, &[(begin, begin + len)])[0].clone() {
                prop_assert_eq!(super::len(&text[range.clone()]) as i64, len);
                prop_assert_eq!(super::len(&text[..range.start]) as i64, begin);
            } else {
                let units: Vec<u16> = text.encode_utf16().collect();
                let part = units.get(begin as usize..(begin + len) as usize);
                prop_assert!(part.is_none_or(|part| String::from_utf16(part).is_err()));
            }
        }
    }
}
