//! What a call may come to before it is made, and has come to where the provider does not say. On the safe side:
//! nobody's tokenizer makes more tokens of a text than this.

use crate::domain::answer::Usage;
use crate::domain::cost::Prices;

/// Bytes of text that a token holds at least, on average over a text: 3.5 to 5 in English, 4 to 7 in Russian (UTF-8).
const BYTES_PER_TOKEN: usize = 3;
/// What a provider wraps around a conversation.
const AROUND: i64 = 64;

/// Tokens of texts that have so many bytes together.
pub(crate) fn tokens(bytes: usize) -> i64 {
    i64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(i64::MAX)
}

/// What a call with a prompt of so many bytes uses, if its answer has `completion` tokens.
pub(crate) fn usage(prompt_bytes: usize, completion: i64) -> Usage {
    let prompt = tokens(prompt_bytes).saturating_add(AROUND);
    Usage { prompt, cached: 0, completion, reported: false }
}

/// The most that a call may cost, in millionths of a US dollar.
pub(crate) fn worst_case(prices: &Prices, prompt_bytes: usize, max_tokens: u32) -> i64 {
    let mut dearest = *prices;
    dearest.input = prices.input.max(prices.cached_input.unwrap_or(0));
    dearest.cost_micros(usage(prompt_bytes, max_tokens.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_case_is_every_token_at_its_price() {
        let prices = Prices { input: 1_000_000, cached_input: Some(2_000_000), output: 3_000_000 };
        assert_eq!(worst_case(&prices, 300, 50), 2 * (100 + AROUND) + 150);
        assert_eq!(worst_case(&Prices::default(), usize::MAX, u32::MAX), 0);
    }
}
