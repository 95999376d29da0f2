//! A word, or one key with its value, as one of a choice of things.

use serde::de::{self, DeserializeSeed, EnumAccess, VariantAccess, Visitor};

use super::de::{De, Wrong};
use super::node::{Entry, Node, Value};

pub(super) struct Chosen<'b, 'a> {
    pub(super) de: &'b De<'a>,
    pub(super) name: &'a str,
    pub(super) content: Option<&'a Entry>,
}

impl<'de> EnumAccess<'de> for Chosen<'_, '_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        let variant = seed.deserialize(de::value::StrDeserializer::<Wrong>::new(self.name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Chosen<'_, '_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Wrong::New(format!("`{}` takes no value; write the word alone", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        match self.content {
            Some(entry) => {
                let de = self.de.child(entry);
                de.settle(seed.deserialize(de.again()))
            }
            // `text` alone is `text: {}`.
            None => {
                let empty = Node { at: self.de.node.at, value: Value::Null };
                let de = De { node: &empty, path: self.de.path.key(self.name), log: self.de.log };
                de.settle(seed.deserialize(de.again()))
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::New("a list of values has no meaning here".to_owned()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::New("keys with values have no meaning here".to_owned()))
    }
}
