//! No price, rate, discount or date leaves in a model's answer unless the sources have it. What the person said
//! promises nothing: an amount of theirs may be repeated as theirs ("you said $900"), and no more. A plain reading
//! of numbers, not a judgement of meaning: where it is in doubt, it objects.

mod attribution;
mod correction;
mod free;
mod lexicon;
mod lexis;
mod number;
mod price;
mod reading;

use std::fmt;

pub(crate) use correction::correction;
use lexicon::Currency;
use number::UNIT;
use reading::Reading;

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

/// The first promise in `answer` that the sources do not back, and that does not repeat an amount of the person's
/// as the person's.
pub(crate) fn unfounded(answer: &str, sources: &[&str], said: &[&str]) -> Option<Fact> {
    let answer = Reading::of(answer);
    let mut claims = answer.facts.iter().filter(|(_, fact)| fact.is_claim()).peekable();
    claims.peek()?;
    let given = Reading::of(&sources.join("\n"));
    let theirs: Vec<Fact> = said.iter().flat_map(|text| amounts(text)).collect();
    let backed = |at: usize, claim: &Fact| {
        given.facts.iter().any(|(_, fact)| fact.backs(claim))
            && (*claim != Fact::Free || free::is_backed(&answer.tokens, at, &given, said))
    };
    let repeated = |at: usize, claim: &Fact| {
        matches!(claim, Fact::Money { .. } | Fact::Number { .. })
            && theirs.iter().any(|fact| fact.backs(claim))
            && attribution::to_person(&answer.tokens, at)
    };
    claims.find(|(at, claim)| !backed(*at, claim) && !repeated(*at, claim)).map(|(_, claim)| claim.clone())
}

/// The amounts that a person names. "We are 500 people" names none; a person who is asked for a budget and writes
/// nothing but a number does.
fn amounts(said: &str) -> Vec<Fact> {
    let reading = Reading::of(said);
    let only_a_number = reading.is_only_a_number();
    let amount = |fact| match fact {
        Fact::Money { .. } | Fact::Number { role: NumberRole::Price, .. } => Some(fact),
        Fact::Number { value, .. } if only_a_number => Some(Fact::Number { value, role: NumberRole::Price }),
        _ => None,
    };
    reading.into_facts().filter_map(amount).collect()
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
