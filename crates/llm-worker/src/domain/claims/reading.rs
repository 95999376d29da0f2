//! What a text says in figures: amounts, percentages, dates, and the other numbers.

use super::lexicon::{
    Currency, currency_sign, currency_word, is_ordinal_ending, is_percent, is_year_after, is_year_before,
    leads_to_price, month, scale,
};
use super::lexis::{Number, Token, tokens};
use super::number::UNIT;
use super::{Date, Fact, NumberRole};

/// A text, and what it says.
pub(super) struct Reading {
    pub(super) tokens: Vec<Token>,
    /// Each with the place of its token.
    pub(super) facts: Vec<(usize, Fact)>,
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let tokens = tokens(text);
        let reader = Reader { tokens: &tokens };
        let mut facts = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let mut here = Vec::new();
            match token {
                Token::Number(number) => reader.number(at, number, &mut here),
                Token::Date(first, second) => {
                    here.push(Fact::Date(*first));
                    here.extend(second.map(Fact::Date));
                }
                Token::Word { text, .. } => reader.word(at, text, &mut here),
                Token::Sign(_) | Token::Stop => {}
            }
            facts.extend(here.into_iter().map(|fact| (at, fact)));
        }
        Self { tokens, facts }
    }

    /// The places where something is called free of charge.
    pub(super) fn free(&self) -> impl Iterator<Item = usize> {
        self.facts.iter().filter(|(_, fact)| *fact == Fact::Free).map(|(at, _)| *at)
    }

    pub(super) fn into_facts(self) -> impl Iterator<Item = Fact> {
        self.facts.into_iter().map(|(_, fact)| fact)
    }

    /// Whether there is nothing in it but one number, or a range of two.
    pub(super) fn is_only_a_number(&self) -> bool {
        let numbers = self.tokens.iter().filter(|token| matches!(token, Token::Number(_))).count();
        let beside = |token: &Token| match token {
            Token::Number(_) | Token::Stop => true,
            Token::Sign(sign) => matches!(sign, '-' | '~' | '.' | ','),
            Token::Word { text, .. } => leads_to_price(text),
            Token::Date(..) => false,
        };
        (1..=2).contains(&numbers) && self.tokens.iter().all(beside)
    }
}

/// What stands around a number.
struct Around {
    times: i128,
    currency: Option<Currency>,
    percent: bool,
}

pub(super) struct Reader<'a> {
    pub(super) tokens: &'a [Token],
}

impl Reader<'_> {
    fn number(&self, at: usize, number: &Number, facts: &mut Vec<Fact>) {
        if let Some(date) = self.date(at, number) {
            return facts.push(Fact::Date(date));
        }
        if let Some(year) = self.year(at, number) {
            return facts.push(Fact::Date(Date { year: Some(year), ..Date::default() }));
        }
        let around = self.around(at);
        if around.percent {
            return facts.push(Fact::Percent { value: number.value });
        }
        let value = number.value.saturating_mul(around.times);
        if around.times > 1 || around.currency.is_some() {
            return facts.push(Fact::Money { value, currency: around.currency });
        }
        let role = if self.is_price(at, value, number.spelled) {
            NumberRole::Price
        } else if !number.spelled && self.in_table(at) {
            NumberRole::Cell
        } else {
            NumberRole::Count
        };
        facts.push(Fact::Number { value, role });
    }

    /// Whether the number at `at` begins or ends a cell.
    fn in_table(&self, at: usize) -> bool {
        let bar = Some(&Token::Sign('|'));
        at.checked_sub(1).and_then(|i| self.tokens.get(i)) == bar || self.tokens.get(at + 1) == bar
    }

    /// Scale, currency and percent sign of the number at `at`; in `5–15k $` the first number has those of the
    /// second.
    fn around(&self, at: usize) -> Around {
        let before = at.checked_sub(1).and_then(|i| self.currency(i));
        let (mut times, mut after, mut percent) = self.behind(at);
        if times == 1
            && after.is_none()
            && !percent
            && let Some(end) = self.range_end(at)
        {
            let (end_times, end_currency, end_percent) = self.behind(end);
            // `5–15k` begins at five thousand, `500–15k` at five hundred.
            if self.value(at) <= self.value(end) {
                times = end_times;
            }
            percent = end_percent;
            after = end_currency.or_else(|| self.currency(end.saturating_sub(1)));
        }
        // `$5–15k`: the second number has the currency of the first.
        let start = (0..at).rev().take(3).find(|&i| self.range_end(i) == Some(at));
        let inherited = start.and_then(|start| start.checked_sub(1)).and_then(|i| self.currency(i));
        Around { times, currency: before.or(after).or(inherited), percent }
    }

    fn value(&self, at: usize) -> i128 {
        match self.tokens.get(at) {
            Some(Token::Number(number)) => number.value,
            _ => 0,
        }
    }

    /// What follows the number at `at`: scale, currency, percent sign.
    fn behind(&self, at: usize) -> (i128, Option<Currency>, bool) {
        let mut next = at + 1;
        let mut times = 1;
        match self.abbreviation(next) {
            Some("тр") => return (1_000, Some(Currency::Rouble), false),
            Some("уе") => return (1, Some(Currency::Other), false),
            _ => {}
        }
        while let Some(Token::Word { text, glued }) = self.tokens.get(next)
            && let Some(scale) = scale(text, *glued)
        {
            times *= scale;
            next += 1;
            // The dot of `тыс.`
            if self.tokens.get(next) == Some(&Token::Stop) && self.currency(next + 1).is_some() {
                next += 1;
            }
        }
        let percent = match self.tokens.get(next) {
            Some(Token::Sign(sign)) => *sign == '%',
            Some(Token::Word { text, .. }) => is_percent(text),
            _ => false,
        };
        (times, self.currency(next), percent)
    }

    /// `т.р.` and `у.е.`, which the dots cut in pieces.
    fn abbreviation(&self, at: usize) -> Option<&'static str> {
        let Some([Token::Word { text: first, .. }, Token::Sign('.'), Token::Word { text: second, .. }]) =
            self.tokens.get(at..at + 3)
        else {
            return None;
        };
        match (first.as_str(), second.as_str()) {
            ("т", "р") => Some("тр"),
            ("у", "е") => Some("уе"),
            _ => None,
        }
    }

    fn currency(&self, at: usize) -> Option<Currency> {
        match self.tokens.get(at)? {
            Token::Sign(sign) => currency_sign(*sign),
            Token::Word { text, .. } => currency_word(text),
            _ => None,
        }
    }

    /// The place of the number that ends a range begun at `at`.
    pub(super) fn range_end(&self, at: usize) -> Option<usize> {
        if !matches!(self.tokens.get(at)?, Token::Number(_)) {
            return None;
        }
        let connects = match self.tokens.get(at + 1)? {
            Token::Sign(sign) => matches!(sign, '-' | '~' | '…'),
            Token::Word { text, .. } => matches!(text.as_str(), "to" | "and" | "до" | "и" | "or" | "или"),
            _ => false,
        };
        // The second number may have its currency before it: `$5 to $15`.
        let end = at
            + 2
            + usize::from(
                matches!(self.tokens.get(at + 2), Some(Token::Sign(s)) if currency_sign(*s).is_some()),
            );
        (connects && matches!(self.tokens.get(end), Some(Token::Number(_)))).then_some(end)
    }

    /// A day beside a month: `15 мая 2026`, `May 15th, 2026`.
    fn date(&self, at: usize, number: &Number) -> Option<Date> {
        let day = number.plain.filter(|day| (1..=31).contains(day));
        let mut next = at + 1;
        if self.tokens.get(next) == Some(&Token::Sign('-')) {
            next += 1;
        }
        if matches!(self.tokens.get(next), Some(Token::Word { text, glued: true }) if is_ordinal_ending(text))
        {
            next += 1;
        } else {
            next = at + 1;
        }
        if let Some(Token::Word { text, .. }) = self.tokens.get(next)
            && text == "of"
        {
            next += 1;
        }
        let month_at = |i: usize| match self.tokens.get(i) {
            Some(Token::Word { text, .. }) => month(text).map(|(month, _)| month),
            _ => None,
        };
        if let (Some(day), Some(month)) = (day, month_at(next)) {
            return Some(Date { day: Some(day), month: Some(month), year: self.year_near(next + 1) });
        }
        let month = at.checked_sub(1).and_then(month_at)?;
        if let Some(day) = day {
            return Some(Date { day: Some(day), month: Some(month), year: self.year_near(at + 1) });
        }
        let year = number.plain.filter(is_year)?;
        Some(Date { day: None, month: Some(month), year: Some(year) })
    }

    /// A year at `at`, or one token further behind a comma or an ordinal ending.
    fn year_near(&self, at: usize) -> Option<u32> {
        (at..at + 3).find_map(|i| match self.tokens.get(i) {
            Some(Token::Number(number)) => number.plain.filter(is_year),
            _ => None,
        })
    }

    fn year(&self, at: usize, number: &Number) -> Option<u32> {
        let year = number.plain.filter(is_year)?;
        let word = |i: Option<usize>| match i.and_then(|i| self.tokens.get(i)) {
            Some(Token::Word { text, .. }) => text.as_str(),
            _ => "",
        };
        (is_year_after(word(Some(at + 1))) || is_year_before(word(at.checked_sub(1)))).then_some(year)
    }

    /// Months without a day, and "free of charge".
    fn word(&self, at: usize, word: &str, facts: &mut Vec<Fact>) {
        let is_number =
            |i: Option<usize>| matches!(i.and_then(|i| self.tokens.get(i)), Some(Token::Number(_)));
        if let Some((month, true)) = month(word)
            && !is_number(Some(at + 1))
            && !is_number(at.checked_sub(1))
        {
            facts.push(Fact::Date(Date { month: Some(month), ..Date::default() }));
        }
        if self.says_free(at, word) {
            facts.push(Fact::Free);
        }
        if self.says_half(at, word) {
            facts.push(Fact::Percent { value: 50 * UNIT });
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that Option::filter asks for")]
fn is_year(number: &u32) -> bool {
    (1_900..=2_100).contains(number)
}
