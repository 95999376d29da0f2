//! Which bare numbers are prices, and what is said of a price without a number.

use super::lexicon::{goes_on_after_price, is_price, leads_to_price};
use super::lexis::Token;
use super::number::UNIT;
use super::reading::Reader;

/// How many tokens back a word of price is looked for.
const PRICE_REACH: usize = 8;
/// How many words back "as soon as" is looked for.
const SOON_REACH: usize = 7;
/// Below this a bare number beside a word of price may count something else: months, users.
const SURE_PRICE: i128 = 100 * UNIT;
/// Below this a number in words is hardly ever one: "the price is one for all".
const LEAST_SPELLED: i128 = 10 * UNIT;

impl Reader<'_> {
    /// Whether the bare number at `at` is a price. A small one, or one in words, is one where the price leads to it
    /// and nothing follows that it may count.
    pub(super) fn is_price(&self, at: usize, value: i128, spelled: bool) -> bool {
        if !self.price_before(at) {
            return false;
        }
        let sure = value >= SURE_PRICE && !spelled;
        sure || (!spelled || value >= LEAST_SPELLED) && self.is_led_to(at) && self.counts_nothing(at)
    }

    /// "The price is 50", "цена — 50", "цена бота 50"; not "Next.js 14", "24/7", "10:30".
    fn is_led_to(&self, at: usize) -> bool {
        let is_price =
            |token: Option<&Token>| matches!(token, Some(Token::Word { text, .. }) if is_price(text));
        let before = |places: usize| at.checked_sub(places).and_then(|i| self.tokens.get(i));
        match before(1) {
            Some(Token::Sign(':')) => !matches!(before(2), Some(Token::Number(_))),
            Some(Token::Sign(sign)) => matches!(sign, '-' | '=' | '~' | '≈' | '>' | '<' | '('),
            Some(Token::Word { text, .. }) => {
                leads_to_price(text) || is_price(before(1)) || is_price(before(2))
            }
            _ => false,
        }
    }

    fn counts_nothing(&self, at: usize) -> bool {
        let end = self.range_end(at).unwrap_or(at);
        let behind = |places: usize| self.tokens.get(end + places);
        match behind(1) {
            None | Some(Token::Stop) => true,
            Some(Token::Sign('/' | ':')) => !matches!(behind(2), Some(Token::Number(_))),
            // `12-month`
            Some(Token::Sign('-')) => !matches!(behind(2), Some(Token::Word { glued: true, .. })),
            Some(Token::Sign(_)) => true,
            Some(Token::Word { text, .. }) => goes_on_after_price(text),
            Some(Token::Number(_) | Token::Date(..)) => false,
        }
    }

    fn price_before(&self, at: usize) -> bool {
        self.tokens[..at]
            .iter()
            .rev()
            .take(PRICE_REACH)
            .take_while(|token| **token != Token::Stop)
            .any(|token| matches!(token, Token::Word { text, .. } if is_price(text)))
    }

    /// "Half price", "half off", "half the price", "полцены", "половина стоимости", "вдвое дешевле".
    pub(super) fn says_half(&self, at: usize, word: &str) -> bool {
        let next = |places: usize| match self.tokens.get(at + places) {
            Some(Token::Word { text, .. }) => text.as_str(),
            _ => "",
        };
        match word {
            "полцены" => true,
            "half" => {
                let skip = matches!(self.tokens.get(at + 1), Some(Token::Sign('-')))
                    || matches!(next(1), "the" | "of" | "our" | "your");
                let what = next(1 + usize::from(skip));
                what == "off" || is_price(what)
            }
            "вдвое" => next(1) == "дешевле",
            word if word.starts_with("половин") => {
                ["цен", "стоим"].iter().any(|stem| next(1).starts_with(stem))
            }
            _ => false,
        }
    }

    /// "Free of charge", "costs you nothing", "at no cost", "бесплатно", "вам ничего не стоит"; not "feel free to
    /// write", "you are free to", "error-free", "as soon as an engineer is free".
    pub(super) fn says_free(&self, at: usize, word: &str) -> bool {
        let near = |i: Option<usize>| match i.and_then(|i| self.tokens.get(i)) {
            Some(Token::Word { text, .. }) => text.as_str(),
            _ => "",
        };
        let before = |places: usize| near(at.checked_sub(places));
        let behind = |places: usize| near(Some(at + places));
        let is_cost = |word: &str| matches!(word, "cost" | "costs" | "charge" | "pay");
        match word {
            "free" => {
                let soon = (1..=SOON_REACH).map(before).any(|word| word == "soon");
                behind(1) != "to"
                    && before(1) != "feel"
                    && !soon
                    && at.checked_sub(1).and_then(|i| self.tokens.get(i)) != Some(&Token::Sign('-'))
            }
            "nothing" => is_cost(before(1)) || is_cost(before(2)),
            "no" | "without" => matches!(behind(1), "cost" | "charge"),
            "ничего" => {
                let is_worth = |word: &str| matches!(word, "стоит" | "стоят" | "стоить");
                (1..=3).any(|places| is_worth(behind(places)) || is_worth(before(places)))
            }
            "даром" | "безвозмездно" | "complimentary" | "gratis" => true,
            word => word.starts_with("бесплатн"),
        }
    }
}
