//! Digits read as a number or as a date.

use super::Date;

/// Values are counted in ten-thousandths, so that they can be compared exactly.
pub(super) const UNIT: i128 = 10_000;

/// Longer runs of digits are account or telephone numbers; they are cut so that nothing overflows.
const MOST_DIGITS: usize = 18;

/// Reads a number at the start of `chars` (which is a digit): its value, the same where it is digits alone, and
/// how many characters it takes. Three digits behind a mark are a group: `1,500` is never one and a half.
pub(super) fn number(chars: &[char]) -> (i128, Option<u32>, usize) {
    let head = digits(chars);
    let mut whole = int(&chars[..head]);
    let mut length = head;
    let mut mark = None;
    while head <= 3 && whole > 0 {
        let Some(&sep) = chars.get(length) else { break };
        let run = digits(chars.get(length + 1..).unwrap_or_default());
        if !matches!(sep, ' ' | ',' | '.' | '\'') || run != 3 || mark.is_some_and(|mark| mark != sep) {
            break;
        }
        whole = whole.saturating_mul(1_000).saturating_add(int(&chars[length + 1..length + 4]));
        mark = Some(sep);
        length += 4;
    }
    let fraction = chars
        .get(length)
        .filter(|&&c| (c == ',' || c == '.') && mark != Some(c))
        .map_or(0, |_| digits(chars.get(length + 1..).unwrap_or_default()));
    let mut value = whole.saturating_mul(UNIT);
    if fraction > 0 {
        value = value.saturating_add(ten_thousandths(&chars[length + 1..length + 1 + fraction]));
        length += 1 + fraction;
    }
    let plain = (length == head && head <= 9).then(|| u32::try_from(whole).ok()).flatten();
    (value, plain, length)
}

/// Reads `2026-05-15`, `15.05.2026`, `15/05/26`: the date, its other reading where month and day can be
/// exchanged (only with `/`), and how many characters it takes.
pub(super) fn date(chars: &[char]) -> Option<(Date, Option<Date>, usize)> {
    let first = digits(chars);
    let sep = *chars.get(first).filter(|c| matches!(c, '-' | '.' | '/'))?;
    let second = digits(&chars[first + 1..]);
    let third_at = first + second + 2;
    if !(1..=2).contains(&second) || chars.get(third_at - 1) != Some(&sep) {
        return None;
    }
    let third = digits(&chars[third_at..]);
    let length = third_at + third;
    let part = |from: usize, len: usize| u32::try_from(int(&chars[from..from + len])).ok();
    let (a, b, c) = (part(0, first)?, part(first + 1, second)?, part(third_at, third)?);
    let made = |day, month, year| {
        ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Date {
            day: Some(day),
            month: Some(month),
            year: Some(year),
        })
    };
    if first == 4 && sep != '/' && (1..=2).contains(&third) {
        return made(c, b, a).map(|date| (date, None, length));
    }
    if !(1..=2).contains(&first) || !(third == 4 || third == 2 && sep != '-') {
        return None;
    }
    let year = if third == 2 { 2_000 + c } else { c };
    let other = if sep == '/' { made(b, a, year) } else { None };
    match made(a, b, year) {
        Some(date) => Some((date, other, length)),
        None => other.map(|date| (date, None, length)),
    }
}

fn digits(chars: &[char]) -> usize {
    chars.iter().take_while(|c| c.is_ascii_digit()).count()
}

fn int(chars: &[char]) -> i128 {
    chars.iter().take(MOST_DIGITS).fold(0, |sum, c| sum * 10 + i128::from(c.to_digit(10).unwrap_or(0)))
}

fn ten_thousandths(fraction: &[char]) -> i128 {
    (0..4).fold(0, |sum, i| sum * 10 + i128::from(fraction.get(i).and_then(|c| c.to_digit(10)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> i128 {
        number(&text.chars().collect::<Vec<_>>()).0
    }

    #[test]
    fn groups_and_fractions_in_both_habits() {
        assert_eq!(read("5 000 ₽"), 5_000 * UNIT);
        assert_eq!(read("1 200 000"), 1_200_000 * UNIT);
        assert_eq!(read("1,5 млн"), UNIT * 3 / 2);
        assert_eq!(read("1,234.50"), 1_234 * UNIT + 5_000);
        assert_eq!(read("1.234,50"), 1_234 * UNIT + 5_000);
        assert_eq!(read("5,000"), 5_000 * UNIT);
        assert_eq!(read("0.125"), UNIT / 8);
        assert_eq!(read("10 5"), 10 * UNIT);
        assert_eq!(read("2026 000"), 2_026 * UNIT);
    }

    #[test]
    fn dates_in_figures() {
        let read = |text: &str| date(&text.chars().collect::<Vec<_>>()).map(|(date, other, _)| (date, other));
        let made = |day, month, year| Date { day: Some(day), month: Some(month), year: Some(year) };
        assert_eq!(read("2026-05-15"), Some((made(15, 5, 2026), None)));
        assert_eq!(read("15.05.2026"), Some((made(15, 5, 2026), None)));
        assert_eq!(read("05/15/2026"), Some((made(15, 5, 2026), None)));
        assert_eq!(read("03/04/2026"), Some((made(3, 4, 2026), Some(made(4, 3, 2026)))));
        assert_eq!(read("1.2.3"), None);
        assert_eq!(read("987-65-43"), None);
        assert_eq!(read("15.13.2026"), None);
    }

    proptest! {
        #[test]
        fn any_run_of_figures_and_marks_is_read_without_panic(text in "[0-9][0-9 .,'/-]{0,60}") {
            let chars: Vec<char> = text.chars().collect();
            let (_, _, length) = number(&chars);
            prop_assert!(length > 0 && length <= chars.len());
            if let Some((_, _, length)) = date(&chars) {
                prop_assert!(length <= chars.len());
            }
        }
    }
}
