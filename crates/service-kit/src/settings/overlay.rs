//! What lies over the file: environment variables `DRAGOMAN__SECTION__KEY`, and values that the program
//! itself gives. They are kept as text until a section is read, because only then its schema tells whether
//! `123` is a number or the text of a token.

use std::cmp::Ordering;

use serde::Deserialize;
use toml::{Table, Value};

use super::error::{Place, SettingsError};
use super::schema::Node;

const PREFIX: &str = "DRAGOMAN__";

/// One value over the file's.
#[derive(Clone)]
pub(super) struct Override {
    pub(super) place: Place,
    /// Section, then keys; compared without regard to case and to `-` or `_`.
    pub(super) path: Vec<String>,
    pub(super) value: Raw,
}

#[derive(Clone)]
pub(super) enum Raw {
    Text(String),
    Typed(Value),
}

// No Debug by derive: the value may be a secret.
impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Override").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Override {
    /// `None` for a variable that is none of ours, and for an empty one: Compose and CI can not leave a variable
    /// out, only empty it. An empty text is written `""`.
    pub(super) fn from_variable(name: &str, value: &str) -> Result<Option<Self>, SettingsError> {
        let Some(rest) = name.strip_prefix(PREFIX) else { return Ok(None) };
        let path: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
        if path.len() < 2 || path.iter().any(String::is_empty) {
            return Err(SettingsError::Variable { variable: name.to_owned() });
        }
        if value.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { place: Place::Variable(name.to_owned()), path, value: Raw::Text(value.to_owned()) }))
    }

    /// Lists are filled from the front: `…__2` before `…__10`. What stands higher comes before what is in it.
    pub(super) fn order(one: &Self, other: &Self) -> Ordering {
        let by_name = |a: &String, b: &String| match (a.parse::<usize>(), b.parse::<usize>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        };
        let differing = one.path.iter().zip(&other.path).map(|(a, b)| by_name(a, b)).find(|o| o.is_ne());
        differing.unwrap_or_else(|| one.path.len().cmp(&other.path.len()))
    }

    /// Puts the value into its section's table, where `keys` is the path below the section. Returns the path
    /// with the names as they are really written.
    pub(super) fn apply(
        &self,
        keys: &[String],
        table: &mut Table,
        schema: Node<'_>,
    ) -> Result<Vec<String>, SettingsError> {
        let mut written = Vec::new();
        self.put(keys, table, Some(schema), &mut written)?;
        Ok(written)
    }

    fn put(
        &self,
        keys: &[String],
        table: &mut Table,
        schema: Option<Node<'_>>,
        written: &mut Vec<String>,
    ) -> Result<(), SettingsError> {
        let Some((key, rest)) = keys.split_first() else { return Ok(()) };
        let name = real_name(key, table, schema);
        let schema = schema.and_then(|node| node.step(&name));
        written.push(name.clone());
        if rest.is_empty() {
            table.insert(name, self.typed(schema));
            return Ok(());
        }
        let is_list = schema.is_some_and(Node::is_list);
        let next = table
            .entry(name)
            .or_insert_with(|| if is_list { Value::Array(Vec::new()) } else { Value::Table(Table::new()) });
        match next {
            Value::Table(inner) => self.put(rest, inner, schema, written),
            Value::Array(list) => self.put_in_list(rest, list, schema, written),
            _ => Err(self.wrong(written, "holds a plain value and has no keys of its own")),
        }
    }

    fn put_in_list(
        &self,
        keys: &[String],
        list: &mut Vec<Value>,
        schema: Option<Node<'_>>,
        written: &mut Vec<String>,
    ) -> Result<(), SettingsError> {
        let Some((index, rest)) = keys.split_first() else { return Ok(()) };
        let schema = schema.and_then(Node::element);
        // One past the end appends, so that a list can be written by variables alone.
        let Some(at) = index.parse::<usize>().ok().filter(|at| *at <= list.len()) else {
            return Err(
                self.wrong(written, &format!("is a list of {}, counted from 0 without gaps", list.len()))
            );
        };
        written.push(index.clone());
        if at == list.len() {
            list.push(Value::Table(Table::new()));
        }
        match list.get_mut(at) {
            Some(slot) if rest.is_empty() => {
                *slot = self.typed(schema);
                Ok(())
            }
            Some(Value::Table(inner)) => self.put(rest, inner, schema, written),
            _ => Err(self.wrong(written, "holds a plain value and has no keys of its own")),
        }
    }

    fn wrong(&self, written: &[String], what: &str) -> SettingsError {
        SettingsError::Value {
            place: self.place.clone(),
            key: self.path.iter().take(1).chain(written).map(String::as_str).collect::<Vec<_>>().join("."),
            what: what.to_owned(),
            remedy: "correct the variable's name".to_owned(),
        }
    }

    fn typed(&self, schema: Option<Node<'_>>) -> Value {
        let text = match &self.value {
            Raw::Typed(value) => return value.clone(),
            Raw::Text(text) => text,
        };
        let literal =
            toml::de::ValueDeserializer::parse(text.trim()).ok().and_then(|d| Value::deserialize(d).ok());
        match literal {
            Some(Value::String(quoted)) => Value::String(quoted),
            Some(other) if !schema.is_some_and(Node::is_text_only) => other,
            _ => Value::String(text.clone()),
        }
    }
}

/// Whether two spellings name the same thing: `LLM_WORKER`, `llm-worker`.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    let plain = |c: char| if c == '-' { '_' } else { c.to_ascii_lowercase() };
    one.chars().map(plain).eq(other.chars().map(plain))
}

/// How the file or the schema spells a key; as it stands if neither knows it.
fn real_name(key: &str, table: &Table, schema: Option<Node<'_>>) -> String {
    let known = schema.map(Node::properties).unwrap_or_default();
    let file_twin = |name: &str| key.strip_suffix("_file").is_some_and(|stem| same_name(stem, name));
    table
        .keys()
        .map(String::as_str)
        .find(|name| same_name(name, key))
        .or_else(|| known.iter().map(|(name, ..)| *name).find(|name| same_name(name, key)))
        .map(str::to_owned)
        .or_else(|| known.iter().find(|(name, ..)| file_twin(name)).map(|(name, ..)| format!("{name}_file")))
        .unwrap_or_else(|| key.to_owned())
}
