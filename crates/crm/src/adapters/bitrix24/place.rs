//! Leads, deals and people by kind and number: each kind counts for itself, so a number alone names nothing.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Lead,
    Deal,
    Contact,
}

impl Kind {
    /// `entityTypeId`
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
        }
    }

    /// As comments name it, and our ids.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
        }
    }

    /// For people.
    pub(super) const fn many(self) -> &'static str {
        match self {
            Self::Lead => "leads",
            Self::Deal => "deals",
            Self::Contact => "contacts",
        }
    }
}

/// A lead or a deal: `lead:10`, `deal:5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) id: u64,
}

impl Place {
    pub(super) const fn lead(id: u64) -> Self {
        Self { kind: Kind::Lead, id }
    }

    pub(super) const fn deal(id: u64) -> Self {
        Self { kind: Kind::Deal, id }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.id)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, id) = text.split_once(':').ok_or(())?;
        let kind = [Kind::Lead, Kind::Deal].into_iter().find(|kind| kind.word() == word).ok_or(())?;
        Ok(Self { kind, id: id.parse().map_err(drop)? })
    }
}

/// An id of an answer, which some methods write as a text. Nought is none.
pub(super) fn id(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lead_and_a_deal_with_the_same_number_are_two() {
        assert_eq!(Place::lead(10).to_string(), "lead:10");
        assert_eq!("deal:5".parse(), Ok(Place::deal(5)));
        for wrong in ["10", "contact:1", "lead:", "lead:-1", "lead:1:2", ""] {
            assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn an_id_is_a_number_or_its_digits() {
        for (value, wanted) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(0), None),
            (json!("x"), None),
            (json!([]), None),
        ] {
            assert_eq!(id(Some(&value)), wanted, "{value}");
        }
    }
}
