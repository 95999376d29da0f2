//! No price, rate, discount or date leaves in a model's answer unless it was given to the model or said by
//! the person. A plain reading of numbers, not a judgement of meaning: where it is in doubt, it objects.

mod lexicon;
mod lexis;
mod number;
mod reading;

use std::fmt;

use lexicon::Currency;
use reading::read;

/// Something an answer may promise, or a source may back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// An amount of money. One text can be read in several ways (`1,500`); each reading is in 1/10,000.
    Money { readings: Vec<i128>, currency: Option<Currency> },
    /// Something costs nothing.
    Free,
    Percent { readings: Vec<i128> },
    Date(Date),
    /// A number that is none of these. It promises something only beside a word of price.
    Number { readings: Vec<i128>, priced: bool },
}

/// As much of a date as was said; at least one part is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) day: Option<u32>,
    pub(crate) month: Option<u32>,
    pub(crate) year: Option<u32>,
}

/// The first promise in `answer` that none of `given` backs.
pub(crate) fn unfounded(answer: &str, given: &[&str]) -> Option<Fact> {
    let claims: Vec<Fact> = read(answer).into_iter().filter(Fact::is_claim).collect();
    if claims.is_empty() {
        return None;
    }
    let facts: Vec<Fact> = given.iter().flat_map(|text| read(text)).collect();
    claims.into_iter().find(|claim| !facts.iter().any(|fact| fact.backs(claim)))
}

impl Fact {
    const fn is_claim(&self) -> bool {
        !matches!(self, Self::Number { priced: false, .. })
    }

    /// Whether this, found in what was given, allows `claim`.
    fn backs(&self, claim: &Self) -> bool {
        match (self, claim) {
            (Self::Money { readings: a, currency: x }, Self::Money { readings: b, currency: y }) => {
                meet(a, b) && (x.is_none() || y.is_none() || x == y)
            }
            // A table names the currency once, in its head.
            (Self::Number { readings: a, .. }, Self::Money { readings: b, .. })
            | (Self::Money { readings: a, .. } | Self::Number { readings: a, .. }, Self::Number { readings: b, .. })
            | (Self::Percent { readings: a }, Self::Percent { readings: b }) => meet(a, b),
            (Self::Free, Self::Free) => true,
            (Self::Date(given), Self::Date(claimed)) => given.includes(*claimed),
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

fn meet(a: &[i128], b: &[i128]) -> bool {
    a.iter().any(|value| b.contains(value))
}

#[cfg(test)]
mod tests;
