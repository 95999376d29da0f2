//! What a call may come to before it is made, and has come to where the provider does not say. The first is a bound
//! that hardly any text reaches; the second is what common text comes to, and never more than the first.

use crate::domain::answer::Usage;
use crate::domain::cost::Prices;

/// Bytes of common text in a token, rather too few: 3.5 to 5 in English, 4 to 7 in Russian (UTF-8). Code, numbers and
/// emoji have fewer.
const BYTES_PER_TOKEN: usize = 3;
/// What a provider wraps around a conversation.
const AROUND: i64 = 64;

/// Tokens of texts that have so many bytes together.
pub(crate) fn tokens(bytes: usize) -> i64 {
    i64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(i64::MAX)
}

/// What a call with a prompt of so many tokens uses, if its answer has `completion`.
pub(crate) fn usage_of(prompt_tokens: i64, completion: i64) -> Usage {
    let prompt = prompt_tokens.saturating_add(AROUND);
    Usage { prompt, cached: 0, completion, reported: false }
}

/// Tokens that a text has at most. Prose has two bytes or more in each of its tokens; numbers, names in code, emoji and
/// what is encoded may have as little as one.
pub(crate) fn most_tokens(text: &str) -> i64 {
    let of_words = text.split_whitespace().map(|word| 1 + most_tokens_of_word(word)).sum::<usize>();
    i64::try_from(of_words).unwrap_or(i64::MAX).max(tokens(text.len()))
}

fn most_tokens_of_word(word: &str) -> usize {
    const LONGEST: usize = 64;
    let mut was_small = false;
    let is_code = word.len() > LONGEST
        || word.chars().any(|c| {
            let breaks = was_small && c.is_uppercase();
            was_small = c.is_lowercase();
            breaks || c.is_numeric()
        });
    if is_code {
        return word.len();
    }
    let letters: usize = word.chars().filter(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    letters.div_ceil(2) + (word.len() - letters)
}
/// What a call costs at most, in millionths of a US dollar, with a prompt of so many tokens at most that may be read so
/// many times before it is answered.
pub(crate) fn worst_case(prices: &Prices, prompt_tokens: i64, max_tokens: u32, calls: u32) -> i64 {
    let mut dearest = *prices;
    dearest.input = prices.input.max(prices.cached_input.unwrap_or(0));
    let prompt = prompt_tokens.saturating_add(AROUND).saturating_mul(calls.max(1).into());
    dearest.cost_micros(Usage { prompt, cached: 0, completion: max_tokens.into(), reported: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_case_is_every_token_at_its_price() {
        let prices = Prices { input: 1_000_000, cached_input: Some(2_000_000), output: 3_000_000 };
        assert_eq!(worst_case(&prices, tokens(300), 50, 1), 2 * (100 + AROUND) + 150);
        assert_eq!(worst_case(&Prices::default(), i64::MAX, u32::MAX, 1), 0);
    }

    #[test]
    fn the_bound_of_prose_is_not_far_and_that_of_code_is_its_bytes() {
        let prose = "Hello, how much does a bot for my shop cost, and when could you begin?";
        assert!(most_tokens(prose) >= 18 && most_tokens(prose) < prose.len() as i64);
        for dense in ["😀😀😀😀", "1234567890", "aGVsbG8gd29ybGQ", "k9 x8 q7 z6"] {
            assert!(
                most_tokens(dense) >= dense.split_whitespace().map(str::len).sum::<usize>() as i64,
                "{dense}"
            );
        }
    }

    #[test]
    fn a_prompt_that_is_read_again_is_held_for_again_and_its_answer_is_not() {
        let prices = Prices { input: 1_000_000, cached_input: None, output: 1_000_000 };
        assert_eq!(worst_case(&prices, 100, 50, 3), 3 * (100 + AROUND) + 50);
    }

    proptest::proptest! {
        #[test]
        fn the_bound_is_never_less_than_the_estimate(text in ".{0,200}") {
            proptest::prop_assert!(most_tokens(&text) >= tokens(text.len()));
        }
    }
}
