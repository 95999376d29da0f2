//! Check digits. A number that has the right ones is hardly anything else.

/// Luhn's: cards.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(*digit) * (1 + place as u32 % 2) {
            sum if sum > 9 => sum - 9,
            sum => sum,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

fn weighed(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// ИНН of a business (10 digits) or a person (12).
pub(super) fn inn(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |many: usize| {
        let sum = weighed(&digits[..many], &WEIGHTS[11 - many..]);
        sum % 11 % 10 == u32::from(digits[many])
    };
    let is_real = digits.iter().any(|digit| *digit != 0);
    is_real
        && match digits.len() {
            10 => check(9),
            12 => check(10) && check(11),
            _ => false,
        }
}

/// СНИЛС: 9 digits and two to check them.
pub(super) fn snils(digits: &[u8]) -> bool {
    if digits.len() != 11 || digits[..9].iter().all(|digit| *digit == 0) {
        return false;
    }
    let check = match weighed(&digits[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 {
        100 => 0,
        sum => sum,
    };
    check == u32::from(digits[9]) * 10 + u32::from(digits[10])
}

/// ОГРН (13 digits, begins with 1 or 5) and ОГРНИП (15, begins with 3).
pub(super) fn ogrn(digits: &[u8]) -> bool {
    let (begins, divisor) = match digits.len() {
        13 => (matches!(digits[0], 1 | 5), 11),
        15 => (digits[0] == 3, 13),
        _ => return false,
    };
    let (number, check) = digits.split_at(digits.len() - 1);
    let number = number.iter().fold(0u64, |number, digit| number * 10 + u64::from(*digit));
    begins && number % divisor % 10 == u64::from(check[0])
}

fn two(digits: &[u8], at: usize) -> u8 {
    digits[at] * 10 + digits[at + 1]
}

fn is_day(day: u8, month: u8) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// ИИН (Kazakhstan): the day of birth, the century and sex, a number, a check digit.
pub(super) fn iin(digits: &[u8]) -> bool {
    if digits.len() != 12 || !is_day(two(digits, 4), two(digits, 2)) || !(1..=6).contains(&digits[6]) {
        return false;
    }
    let first = weighed(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let check = match first {
        10 => weighed(digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
        check => check,
    };
    check == u32::from(digits[11])
}

/// ПИНФЛ (Uzbekistan): the century and sex, the day of birth, a number, a check digit.
pub(super) fn pinfl(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7];
    digits.len() == 14
        && (1..=6).contains(&digits[0])
        && is_day(two(digits, 1), two(digits, 3))
        && weighed(digits, &WEIGHTS) % 10 == u32::from(digits[13])
}

/// A number of US social security that may have been given out.
pub(super) fn ssn(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0u32, |number, digit| number * 10 + u32::from(*digit));
    digits.len() == 9
        && !matches!(number(&digits[..3]), 0 | 666 | 900..)
        && number(&digits[3..5]) > 0
        && number(&digits[5..]) > 0
}

/// IBAN: letters and digits without spaces.
pub(super) fn iban(text: &str) -> bool {
    if text.len() < 15 || !text.is_ascii() {
        return false;
    }
    let (head, tail) = text.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0u32, |rest, c| {
        let value = c.to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
    }

    #[test]
    fn known_numbers_are_right_and_wrong_by_one_digit() {
        type Check = fn(&[u8]) -> bool;
        let cases: [(Check, &str); 10] = [
            (luhn, "4111111111111111"),
            (luhn, "2200770000000002"),
            (inn, "7707083893"),
            (inn, "500100732259"),
            (snils, "112-233-445 95"),
            (ogrn, "1027700132195"),
            (ogrn, "304500116000157"),
            (iin, "890101300120"),
            (pinfl, "31501851234560"),
            (luhn, "378282246310005"),
        ];
        for (check, number) in cases {
            let number = digits(number);
            let right = (0..10u8)
                .filter(|last| {
                    let mut other = number.clone();
                    let end = other.len() - 1;
                    other[end] = *last;
                    check(&other)
                })
                .count();
            assert_eq!(right, 1, "{number:?}");
        }
        assert!(inn(&digits("7707083893")) && inn(&digits("500100732259")) && snils(&digits("11223344595")));
        assert!(ogrn(&digits("1027700132195")) && !ogrn(&digits("1027700132194")));
        assert!(iban("GB82WEST12345698765432") && iban("DE89370400440532013000"));
        assert!(!iban("GB82WEST12345698765431") && !iban("Über") && !iban(""));
        assert!(ssn(&digits("078-05-1120")) && !ssn(&digits("666-05-1120")) && !ssn(&digits("900-05-1120")));
    }
}
