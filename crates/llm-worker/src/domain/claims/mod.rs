//! No price, rate, discount or date leaves in a model's answer unless it was given to the model or said by
//! the person. A plain reading of numbers, not a judgement of meaning: where it is in doubt, it objects.

mod lexicon;
mod lexis;
mod number;
mod reading;

use std::fmt;

use lexicon::Currency;
use number::UNIT;
use reading::read;

/// Something an answer may promise, or a source may back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// An amount of money, in 1/10,000.
    Money {
        value: i128,
        currency: Option<Currency>,
    },
    /// Something costs nothing.
    Free,
    /// In 1/10,000.
    Percent {
        value: i128,
    },
    Date(Date),
    /// A number that is none of these, in 1/10,000.
    Number {
        value: i128,
        role: NumberRole,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberRole {
    /// It counts something else, as far as one can see. It promises nothing and backs no price.
    Count,
    /// It stands in a table, whose head may name a currency. It promises nothing, and backs a price.
    Cell,
    /// It stands beside a word of price.
    Price,
}

/// As much of a date as was said; at least one part is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) day: Option<u32>,
    pub(crate) month: Option<u32>,
    pub(crate) year: Option<u32>,
}

/// The first promise in `answer` that is backed neither by the sources nor by what the person said.
pub(crate) fn unfounded(answer: &str, sources: &[&str], said: &[&str]) -> Option<Fact> {
    let claims: Vec<Fact> = read(answer).into_iter().filter(Fact::is_claim).collect();
    if claims.is_empty() {
        return None;
    }
    // A person who is asked for a budget writes a bare number.
    let amount = |fact| match fact {
        Fact::Number { value, .. } => Fact::Number { value, role: NumberRole::Price },
        fact => fact,
    };
    let said = said.iter().flat_map(|text| read(text)).map(amount);
    let facts: Vec<Fact> = sources.iter().flat_map(|text| read(text)).chain(said).collect();
    claims.into_iter().find(|claim| !facts.iter().any(|fact| fact.backs(claim)))
}

impl Fact {
    const fn is_claim(&self) -> bool {
        !matches!(self, Self::Number { role: NumberRole::Count | NumberRole::Cell, .. })
    }

    /// Whether this, found in what was given, allows `claim`.
    fn backs(&self, claim: &Self) -> bool {
        match (self, claim) {
            (Self::Money { value: a, currency: x }, Self::Money { value: b, currency: y }) => {
                a == b && (x.is_none() || y.is_none() || x == y)
            }
            (Self::Number { role: NumberRole::Count, .. }, Self::Money { .. } | Self::Number { .. }) => false,
            (Self::Number { value: a, .. }, Self::Money { value: b, .. } | Self::Number { value: b, .. })
            | (Self::Money { value: a, .. }, Self::Number { value: b, .. })
            | (Self::Percent { value: a }, Self::Percent { value: b }) => a == b,
            (Self::Free, Self::Free) => true,
            (Self::Date(given), Self::Date(claimed)) => given.includes(*claimed),
            // Sources write a bare year where an answer writes "in 2019".
            (Self::Number { value, .. }, Self::Date(Date { day: None, month: None, year: Some(year) })) => {
                *value == i128::from(*year) * UNIT
            }
            _ => false,
        }
    }

    /// The word for logs and the ledger. What was claimed stays out of both.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Money { .. } | Self::Number { .. } => "price",
            Self::Free => "free_of_charge",
            Self::Percent { .. } => "percentage",
            Self::Date(_) => "date",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl Date {
    fn includes(self, other: Self) -> bool {
        let part = |mine: Option<u32>, theirs: Option<u32>| theirs.is_none() || mine == theirs;
        part(self.day, other.day) && part(self.month, other.month) && part(self.year, other.year)
    }
}

#[cfg(test)]
mod tests;
