//! A YAML document as a tree whose every node knows its line and column.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::advice::advised;
use super::path::{Part, Path};

/// Nesting a bot's files never need; it bounds the stack.
const MAX_DEPTH: usize = 24;

/// A place in a file, both counted from 1; zero where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    /// As it is written, without quotes.
    Scalar(String),
    Seq(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: At,
    pub(crate) node: Node,
}

impl Node {
    /// The place of the value at the end of the path, or of the last value on the way that exists.
    pub(crate) fn place(&self, path: &Path) -> At {
        let mut node = self;
        let mut at = self.at;
        for part in &path.0 {
            match (&node.value, part) {
                (Value::Map(entries), Part::Key(key)) => match entries.iter().find(|entry| &entry.key == key)
                {
                    Some(entry) => {
                        at = entry.key_at;
                        node = &entry.node;
                    }
                    None => return at,
                },
                (Value::Seq(items), Part::Index(index)) => match items.get(*index) {
                    Some(item) => {
                        at = item.at;
                        node = item;
                    }
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }
}

/// Reads one document. The error is the first that the grammar of YAML finds, with its place.
pub(crate) fn parse(text: &str) -> Result<Node, (At, String)> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_documents: 1, max_aliases: 0, max_anchors: 0 },
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(node(raw, text.strip_prefix('\u{feff}').unwrap_or(text))),
        Err(error) => {
            let at = error.location().map_or(At::default(), at);
            Err((at, said(&error)))
        }
    }
}

fn said(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::budget::BudgetBreach;
    if let serde_saphyr::Error::Budget { breach, .. } = error.without_snippet() {
        return match breach {
            BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
                "anchors and aliases (& and *) are not read here; write the value out".to_owned()
            }
            BudgetBreach::Depth { .. } => {
                format!("values are nested more than {MAX_DEPTH} deep; flatten them")
            }
            other => format!("the file asks for too much ({other:?}); make it smaller"),
        };
    }
    let said = error.to_string();
    // The place is reported beside the message, not in it.
    advised(said.split(" at line ").next().unwrap_or(&said).trim_end_matches(':'))
}

fn at(location: Location) -> At {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    At { line: number(location.line()), column: number(location.column()) }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let place = raw.referenced;
    let value = match raw.value {
        Raw::Null => Value::Null,
        // Written without quotes and read as a number or a boolean: what counts is how it is written.
        Raw::Plain(fallback) => Value::Scalar(slice(place, text).unwrap_or(fallback)),
        Raw::Text(text) => Value::Scalar(text),
        Raw::Seq(items) => Value::Seq(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key: key.value,
                    key_at: at(key.referenced),
                    node: node(value, text),
                })
                .collect(),
        ),
    };
    Node { at: at(place), value }
}

fn slice(place: Location, text: &str) -> Option<String> {
    let span = place.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let len = usize::try_from(span.byte_len()?).ok()?;
    text.get(start..start.checked_add(len)?).map(|part| part.trim().to_owned())
}

enum Raw {
    Null,
    Plain(String),
    Text(String),
    Seq(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;

        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }

            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_none<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
                Raw::deserialize(deserializer)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw::Plain(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::Text(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<Raw, E> {
                Ok(Raw::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Raw::Seq(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw::Map(entries))
            }
        }

        deserializer.deserialize_any(RawVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar<'a>(node: &'a Node, key: &str) -> &'a str {
        let Value::Map(entries) = &node.value else { panic!("not a map") };
        match &entries.iter().find(|entry| entry.key == key).unwrap().node.value {
            Value::Scalar(text) => text,
            other => panic!("not a scalar: {other:?}"),
        }
    }

    #[test]
    fn scalars_stay_as_written() {
        let node = parse("a: yes\nb: 1.10\nc: 0x1F\nd: 'true'\ne: +7912\nf: .nan\nключ: 5 тыс\n").unwrap();
        let all = ["a", "b", "c", "d", "e", "f", "ключ"].map(|key| scalar(&node, key));
        assert_eq!(all, ["yes", "1.10", "0x1F", "true", "+7912", ".nan", "5 тыс"]);
    }

    #[test]
    fn places_are_found_by_path() {
        let node = parse("# заметка\nsteps:\n  - ask: { ru: да }\n  - ask:\n      ru: нет\n").unwrap();
        let path = Path::default().key("steps").index(1).key("ask").key("ru");
        assert_eq!(node.place(&path), At { line: 5, column: 7 });
        assert_eq!(node.place(&path.key("more")), At { line: 5, column: 7 });
        let missing = Path::default().key("steps").index(0).key("hint");
        assert_eq!(node.place(&missing), At { line: 3, column: 5 });
    }

    #[test]
    fn the_grammar_of_yaml_is_reported_with_its_place() {
        let (at, message) = parse("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(at.line > 0 && !message.contains(" at line "), "{at:?} {message}");
        assert!(parse("a: &x 1\nb: *x\n").is_err());
        assert!(parse("a: 1\na: 2\n").is_err());
        assert!(parse(&"[".repeat(1000)).is_err());
    }
}
