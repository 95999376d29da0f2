//! What a model is told about a promise that nothing backs, so that it can write its answer again.

use std::fmt::Write;

use super::number::UNIT;
use super::{Currency, Date, Fact};

impl Fact {
    /// The promise in plain words. It may repeat what a person said: never log it.
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Money { value, currency } => {
                let currency = currency.filter(|currency| *currency != Currency::Other);
                let currency = currency.map(|currency| format!(" {currency:?}").to_lowercase());
                format!("the price {}{}", number(*value), currency.unwrap_or_default())
            }
            Self::Free => "that something is free of charge".to_owned(),
            Self::Percent { value } => format!("the rate {} %", number(*value)),
            Self::Date(Date { day, month, year }) => {
                let mut said = "the date".to_owned();
                for (name, part) in [("day", day), ("month", month), ("year", year)] {
                    if let Some(part) = part {
                        let _ = write!(said, " {name} {part}");
                    }
                }
                said
            }
            Self::Number { value, .. } => format!("the price {}", number(*value)),
        }
    }
}

/// What is added to the prompt for the second try.
pub(crate) fn correction(claim: &Fact) -> String {
    format!(
        "\nAn earlier draft of this answer named {}, which no source that it cited says. Write the answer again: state \
         only what the sources say, put the number of the source in brackets behind each fact, and leave out what \
         no source says. If nothing remains that answers the question, say that you do not know, as the rules below \
         tell you.\n",
        claim.said()
    )
}

/// A value in 1/10,000, written without needless zeros.
fn number(value: i128) -> String {
    let (whole, part) = (value / UNIT, (value % UNIT).unsigned_abs());
    if part == 0 {
        return whole.to_string();
    }
    let digits = format!("{part:04}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::super::unfounded;
    use super::*;

    #[test]
    fn the_model_is_told_which_promise_nothing_backs() {
        for (answer, said) in [
            ("It costs $900.", "the price 900 dollar"),
            ("Это стоит 12 500,50 ₽.", "the price 12500.5 rouble"),
            ("The discount is 15%.", "the rate 15 %"),
            ("We will be done by 15 May 2027.", "the date day 15 month 5 year 2027"),
            ("It is free of charge.", "that something is free of charge"),
        ] {
            let claim = unfounded(answer, &[], &[]).unwrap();
            assert_eq!(claim.said(), said, "{answer}");
            assert!(correction(&claim).contains(said));
        }
    }
}
