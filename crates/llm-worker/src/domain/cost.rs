//! What an answer cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Usage;

/// Prices in millionths of a US dollar per million tokens: $0.435 is 435000. Zero: it costs nothing (a model
/// of your own), or you do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Tokens of the prompt.
    pub input: u32,
    /// Tokens of the prompt that the provider had cached. Not set: as other tokens of the prompt.
    pub cached_input: Option<u32>,
    /// Tokens of the answer.
    pub output: u32,
}

impl Prices {
    /// Millionths of a US dollar, rounded to the nearest.
    pub(crate) fn cost_micros(&self, usage: Usage) -> i64 {
        let tokens = |count: i64| i128::from(count.max(0));
        let cached = tokens(usage.cached).min(tokens(usage.prompt));
        let sum = (tokens(usage.prompt) - cached) * i128::from(self.input)
            + cached * i128::from(self.cached_input.unwrap_or(self.input))
            + tokens(usage.completion) * i128::from(self.output);
        i64::try_from((sum + 500_000) / 1_000_000).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_have_their_own_price() {
        let prices = Prices { input: 435_000, cached_input: Some(3_625), output: 870_000 };
        let usage = Usage { prompt: 10_000, cached: 8_000, completion: 500, reported: true };
        // 2,000 x 0.435 + 8,000 x 0.003625 + 500 x 0.87 millionths of a dollar.
        assert_eq!(prices.cost_micros(usage), 870 + 29 + 435);
    }

    #[test]
    fn without_a_price_of_their_own_cached_tokens_cost_what_others_do() {
        let prices = Prices { input: 435_000, output: 870_000, ..Prices::default() };
        let usage = Usage { prompt: 10_000, cached: 8_000, completion: 500, reported: true };
        assert_eq!(prices.cost_micros(usage), 4_350 + 435);
    }

    #[test]
    fn counts_out_of_order_cost_neither_less_than_nothing_nor_a_panic() {
        let prices = Prices { input: u32::MAX, cached_input: Some(0), output: u32::MAX };
        let usage = Usage { prompt: 5, cached: 50, completion: -7, reported: true };
        assert_eq!(prices.cost_micros(usage), 0);
        let usage = Usage { prompt: i64::MAX, cached: 0, completion: i64::MAX, reported: true };
        assert_eq!(prices.cost_micros(usage), i64::MAX);
    }
}
