//! Lists and maps that leave out what could not be read, so that one mistake does not hide the next. They
//! rely on the deserializer (`de`) to have noted it; with any other the first mistake is the end.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

struct Maybe<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match T::deserialize(deserializer) {
            Ok(value) => Ok(Self(Some(value))),
            Err(error) if error.to_string() == "noted" => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

pub(crate) fn each<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Vec::<Maybe<T>>::deserialize(deserializer)
        .map(|items| items.into_iter().filter_map(|item| item.0).collect())
}

pub(crate) fn each_entry<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    BTreeMap::<String, Maybe<T>>::deserialize(deserializer)
        .map(|items| items.into_iter().filter_map(|(key, item)| Some((key, item.0?))).collect())
}

/// A value that could not be read is the default one, so that the rest of what it is in can be checked.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Maybe::deserialize(deserializer).map(|value| value.0.unwrap_or_default())
}

/// Reads a value that is written as one string.
pub(crate) struct Words<T> {
    wanted: &'static str,
    made: PhantomData<T>,
}

impl<T> Words<T> {
    pub(crate) const fn new(wanted: &'static str) -> Self {
        Self { wanted, made: PhantomData }
    }
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Words<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
