//! Answers, as far as they are needed. An id is digits and nothing else: it becomes a part of addresses.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::{Map, Value};

/// An id of HubSpot, which writes it as text or as a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) String);

/// An object.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) id: Id,
    #[serde(default)]
    properties: Map<String, Value>,
    #[serde(default)]
    associations: Map<String, Value>,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    /// An answer without it is no list: it does not say that there is nothing.
    pub(super) results: Vec<T>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: String,
}

/// The other end of an association.
#[derive(Deserialize)]
pub(super) struct Tied {
    #[serde(rename = "toObjectId")]
    pub(super) id: Id,
}

/// What may be missing, and may be `null`.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Object {
    /// A property's value; empty where it has none.
    pub(super) fn text(&self, property: &str) -> &str {
        self.properties.get(property).and_then(Value::as_str).unwrap_or("")
    }

    /// The first of those that it is tied to, where that was asked for.
    pub(super) fn tied_to(&self, kind: &str) -> Option<String> {
        let first = self.associations.get(kind)?.get("results")?.get(0)?.get("id")?;
        serde_json::from_value::<Id>(first.clone()).ok().map(|id| id.0)
    }
}

impl<T> Page<T> {
    /// Where the next page begins.
    pub(super) fn next(&self) -> Option<&str> {
        self.paging.as_ref()?.next.as_ref().map(|next| next.after.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id of 1 to 20 digits")
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Id, E> {
                let is_id = (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
                is_id
                    .then(|| Id(id.to_owned()))
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Other("text"), &self))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}
