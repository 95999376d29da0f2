//! Makes a value out of a tree, by the type's own `Deserialize`, and goes on after a mistake where it can:
//! an unknown key is noted and skipped, a leaf of the wrong kind is noted and replaced, an item of a list
//! that could not be read is noted and left out (`recover`).

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

use super::choose::Chosen;
use super::node::{At, Entry, Node, Value};
use super::path::Path;

/// A mistake, before it is known which file it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: At,
    pub(crate) field: String,
    pub(crate) message: String,
}

/// What was made of a tree.
pub(crate) struct Decoded<T> {
    /// The value, if the mistakes left one.
    pub(crate) value: Option<T>,
    pub(crate) problems: Vec<Problem>,
    /// Items of lists that were left out.
    pub(crate) dropped: Vec<Path>,
    /// Values in the place of which a default stands.
    pub(crate) replaced: Vec<Path>,
}

pub(crate) fn decode<T: DeserializeOwned>(node: &Node) -> Decoded<T> {
    let log = Log::default();
    let de = De { node, path: Path::default(), log: &log };
    let value = de.settle(T::deserialize(de.again())).ok();
    Decoded {
        value,
        problems: log.problems.into_inner(),
        dropped: log.dropped.into_inner(),
        replaced: log.replaced.into_inner(),
    }
}

#[derive(Default)]
pub(super) struct Log {
    problems: RefCell<Vec<Problem>>,
    /// The path of the node whose reading failed last.
    failed: RefCell<Option<Path>>,
    dropped: RefCell<Vec<Path>>,
    replaced: RefCell<Vec<Path>>,
}

/// Why a value could not be made.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// It is in the log already.
    Noted,
    New(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noted => f.write_str("noted"),
            Self::New(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::New(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::New(format!("`{field}` is missing; add it"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::New(format!("`{variant}` is not known here; write one of {}", expected.join(", ")))
    }
}

pub(super) struct De<'a> {
    pub(super) node: &'a Node,
    pub(super) path: Path,
    pub(super) log: &'a Log,
}

impl<'a> De<'a> {
    pub(super) fn again(&self) -> Self {
        Self { node: self.node, path: self.path.clone(), log: self.log }
    }

    fn note(&self, at: At, message: String) {
        let problem = Problem { at, field: self.path.to_string(), message };
        let mut problems = self.log.problems.borrow_mut();
        if problems.iter().all(|known| known.field != problem.field || known.at != problem.at) {
            problems.push(problem);
        }
    }

    /// Puts a new mistake into the log, so that it is there even where the caller swallows it.
    pub(super) fn settle<T>(&self, result: Result<T, Wrong>) -> Result<T, Wrong> {
        result.map_err(|wrong| {
            if let Wrong::New(message) = wrong {
                self.note(self.node.at, message);
            }
            *self.log.failed.borrow_mut() = Some(self.path.clone());
            Wrong::Noted
        })
    }

    fn kind(&self) -> &'static str {
        match self.node.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Seq(_) => "a list",
            Value::Map(_) => "keys with values",
        }
    }

    fn mismatch(&self, wanted: &str) -> Wrong {
        Wrong::New(format!("{} stands here; write {wanted}", self.kind()))
    }

    /// The text of a leaf; a leaf of another kind is noted and read as empty.
    fn text(&self, wanted: &str) -> &'a str {
        if let Value::Scalar(text) = &self.node.value {
            return text;
        }
        self.note(self.node.at, format!("{} stands here; write {wanted}", self.kind()));
        self.log.replaced.borrow_mut().push(self.path.clone());
        ""
    }

    fn number<T: std::str::FromStr + Default>(&self, wanted: &str) -> T {
        let text = self.text(wanted);
        text.parse().unwrap_or_else(|_| {
            self.note(self.node.at, format!("{text:?} is not {wanted}"));
            self.log.replaced.borrow_mut().push(self.path.clone());
            T::default()
        })
    }

    fn entries(&self) -> Result<&'a [Entry], Wrong> {
        match &self.node.value {
            Value::Map(entries) => Ok(entries),
            Value::Null => Ok(&[]),
            _ => Err(self.mismatch("keys with values")),
        }
    }

    pub(super) fn child(&self, entry: &'a Entry) -> Self {
        Self { node: &entry.node, path: self.path.key(&entry.key), log: self.log }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $kind:ty, $wanted:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            self.settle(visitor.$visit(self.number::<$kind>($wanted)))
        })*
    };
}

impl<'de> de::Deserializer<'de> for De<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.node.value {
            Value::Null => self.settle(visitor.visit_unit()),
            Value::Scalar(text) => self.settle(visitor.visit_str(text)),
            Value::Seq(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.settle(visitor.visit_bool(self.number::<bool>("true or false")))
    }

    numbers! {
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u8 visit_u8 u8, "a whole number from 0";
        deserialize_u16 visit_u16 u16, "a whole number from 0";
        deserialize_u32 visit_u32 u32, "a whole number from 0";
        deserialize_u64 visit_u64 u64, "a whole number from 0";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let text = self.text("text");
        self.settle(visitor.visit_str(text))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Value::Seq(items) = &self.node.value else { return self.settle(Err(self.mismatch("a list"))) };
        self.settle(visitor.visit_seq(Items { de: &self, items: items.iter().enumerate() }))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let access = self.entries().map(|entries| Entries {
            de: &self,
            entries: entries.iter(),
            fields: None,
            now: None,
        });
        self.settle(access.and_then(|access| visitor.visit_map(access)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let access = self.entries().map(|entries| Entries {
            de: &self,
            entries: entries.iter(),
            fields: Some(fields),
            now: None,
        });
        self.settle(access.and_then(|access| visitor.visit_map(access)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let result = match &self.node.value {
            Value::Scalar(name) => visitor.visit_enum(Chosen { de: &self, name, content: None }),
            Value::Map(entries) => match entries.as_slice() {
                [entry] => visitor.visit_enum(Chosen { de: &self, name: &entry.key, content: Some(entry) }),
                _ => Err(Wrong::New(format!("{} keys stand here; write exactly one", entries.len()))),
            },
            _ => Err(self.mismatch("one word, or one key with its value")),
        };
        self.settle(result)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple tuple_struct i128 u128 }
}

struct Items<'b, 'a> {
    de: &'b De<'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some((index, node)) = self.items.next() else { return Ok(None) };
        let de = De { node, path: self.de.path.index(index), log: self.de.log };
        self.de.log.failed.borrow_mut().take();
        let value = de.settle(seed.deserialize(de.again()))?;
        // It failed and somebody swallowed that: the item is not in the list.
        if self.de.log.failed.borrow_mut().take().is_some_and(|failed| failed == de.path) {
            self.de.log.dropped.borrow_mut().push(de.path);
        }
        Ok(Some(value))
    }
}

struct Entries<'b, 'a> {
    de: &'b De<'a>,
    entries: std::slice::Iter<'a, Entry>,
    /// The keys that are allowed, where not all are.
    fields: Option<&'static [&'static str]>,
    now: Option<&'a Entry>,
}

impl<'de> de::MapAccess<'de> for Entries<'_, '_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        for entry in self.entries.by_ref() {
            if let Some(fields) = self.fields
                && !fields.contains(&entry.key.as_str())
            {
                let known = fields.join(", ");
                self.de
                    .child(entry)
                    .note(entry.key_at, format!("this key is not known; the keys here are {known}"));
                continue;
            }
            self.now = Some(entry);
            let key = seed.deserialize(entry.key.as_str().into_deserializer());
            return key.map(Some).map_err(|wrong: Wrong| {
                if let Wrong::New(message) = wrong {
                    self.de.child(entry).note(entry.key_at, message);
                }
                Wrong::Noted
            });
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let Some(entry) = self.now.take() else {
            return Err(Wrong::New("a value without its key".to_owned()));
        };
        let de = self.de.child(entry);
        self.de.log.failed.borrow_mut().take();
        let value = de.settle(seed.deserialize(de.again()))?;
        if self.de.log.failed.borrow_mut().take().is_some_and(|failed| failed == de.path) {
            self.de.log.replaced.borrow_mut().push(de.path);
        }
        Ok(value)
    }
}
