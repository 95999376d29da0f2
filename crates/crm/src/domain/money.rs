//! Sums as CRMs write them, in the smallest unit of their currency.

/// Digits behind the point that a sum is read to; more than any currency has.
const MOST_DIGITS: usize = 20;

/// How many digits the currency has behind its point (ISO 4217). Two of what is not known.
fn digits(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// `1000.5` of euros is 100050. A half is rounded away from nought. Nothing where it is no number, or a larger one than any
/// deal is worth.
pub(crate) fn minor(amount: &str, currency: &str) -> Option<i64> {
    let amount = amount.trim();
    let (negative, amount) = amount.strip_prefix('-').map_or((false, amount), |rest| (true, rest));
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.get(..MOST_DIGITS).unwrap_or(part));
    let digits = digits(currency);
    let kept = format!("{whole}{part:0<digits$}", part = part.get(..digits).unwrap_or(part));
    let rounds_up = part.as_bytes().get(digits).is_some_and(|next| *next >= b'5');
    let minor = if kept.is_empty() { 0 } else { kept.parse::<i64>().ok()? };
    let minor = minor.checked_add(i64::from(rounds_up))?;
    Some(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sum_is_read_to_the_smallest_unit_of_its_currency() {
        for (amount, currency, wanted) in [
            ("300000", "RUB", Some(30_000_000)),
            ("1000.5", "EUR", Some(100_050)),
            ("1000.505", "EUR", Some(100_051)),
            ("0.994", "", Some(99)),
            (".5", "USD", Some(50)),
            ("5.", "USD", Some(500)),
            ("00012.30", "USD", Some(1_230)),
            ("1500.5", "JPY", Some(1_501)),
            ("1.2345", "KWD", Some(1_235)),
            ("-12.3", "USD", Some(-1_230)),
            (" 7 ", "USD", Some(700)),
            ("0", "USD", Some(0)),
            ("", "USD", None),
            (".", "USD", None),
            ("1e9", "USD", None),
            ("1,5", "USD", None),
            ("92233720368547758.07", "USD", Some(i64::MAX)),
            ("92233720368547758.08", "USD", None),
        ] {
            assert_eq!(minor(amount, currency), wanted, "{amount} {currency}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_with_two_digits_is_what_it_says(cents in any::<i32>()) {
            let (sign, all) = (if cents < 0 { "-" } else { "" }, i64::from(cents).abs());
            let text = format!("{sign}{}.{:02}", all / 100, all % 100);
            prop_assert_eq!(minor(&text, "USD"), Some(i64::from(cents)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}", currency in "(RUB|JPY|KWD|)") {
            let _ = minor(&text, &currency);
        }
    }
}
