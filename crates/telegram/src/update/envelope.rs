//! The outer object of an update: its id, its kind, and the body left as JSON.

use std::fmt;

use classify::{Class, Classify};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::UpdateKind;

/// Why something is not an update. Its text names a place, never what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("not json (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    /// JSON, but not an object with one whole number `update_id`.
    #[error("not an update: an object with an update_id is wanted")]
    NotAnUpdate,
}

impl Classify for ParseError {
    fn class(&self) -> Class {
        Class::Invalid
    }
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_data() {
            Self::NotAnUpdate
        } else {
            Self::NotJson { line: error.line(), column: error.column() }
        }
    }
}

/// An update as far as every reader needs it.
pub(super) struct Envelope<'a> {
    pub(super) update_id: i64,
    pub(super) kind: UpdateKind,
    /// What the field of that kind holds; none if the update has nothing in it.
    pub(super) body: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(raw: &'a [u8]) -> Result<Self, ParseError> {
        Ok(serde_json::from_slice(raw)?)
    }
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an update")
    }

    /// Of several bodies (Telegram sends one) the first of a known kind counts, else the first.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut update_id = None;
        let mut found: Option<(UpdateKind, &'de RawValue)> = None;
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::UpdateId if update_id.is_some() => return Err(A::Error::duplicate_field("update_id")),
                Field::UpdateId => update_id = Some(map.next_value::<i64>()?),
                Field::Kind(kind) => {
                    let better = match &found {
                        None => true,
                        Some((first, _)) => !first.is_known() && kind.is_known(),
                    };
                    if better {
                        let body: &'de RawValue = map.next_value()?;
                        if body.get() != "null" {
                            found = Some((kind, body));
                        }
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
        }
        let update_id = update_id.ok_or_else(|| A::Error::missing_field("update_id"))?;
        Ok(match found {
            Some((kind, body)) => Envelope { update_id, kind, body: Some(body) },
            None => Envelope { update_id, kind: UpdateKind::nothing(), body: None },
        })
    }
}

enum Field {
    UpdateId,
    Kind(UpdateKind),
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct FieldVisitor;

        impl Visitor<'_> for FieldVisitor {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Field, E> {
                Ok(match name {
                    "update_id" => Field::UpdateId,
                    other => Field::Kind(UpdateKind::named(other)),
                })
            }
        }

        from.deserialize_identifier(FieldVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(i64, String, Option<String>), ParseError> {
        let envelope = Envelope::read(text.as_bytes())?;
        Ok((envelope.update_id, envelope.kind.to_string(), envelope.body.map(|body| body.get().to_owned())))
    }

    fn found(id: i64, kind: &str, body: &str) -> Result<(i64, String, Option<String>), ParseError> {
        Ok((id, kind.to_owned(), Some(body.to_owned())))
    }

    #[test]
    fn the_kind_is_the_field_that_is_set() {
        assert_eq!(read(r#"{"update_id":7,"message":{"a":1}}"#), found(7, "message", r#"{"a":1}"#));
        assert_eq!(read(r#"{"poll":[], "update_id":7}"#), found(7, "poll", "[]"));
        assert_eq!(read(r#"{"update_id":7,"message":null,"poll":1}"#), found(7, "poll", "1"));
        assert_eq!(read(r#"{"update_id":7,"new_thing":1,"poll":2,"message":3}"#), found(7, "poll", "2"));
        assert_eq!(read(r#"{"update_id":7,"mess\u0061ge":3}"#), found(7, "message", "3"));
        assert_eq!(read(r#"{"update_id":7}"#), Ok((7, String::new(), None)));
    }

    #[test]
    fn what_is_no_update_is_told_apart_from_what_is_no_json() {
        for text in [
            "[]",
            "5",
            "{}",
            r#"{"update_id":"7"}"#,
            r#"{"update_id":1,"update_id":1}"#,
            r#"{"update_id":1.5}"#,
        ] {
            assert_eq!(read(text), Err(ParseError::NotAnUpdate), "{text}");
        }
        for text in ["", "{", r#"{"update_id":1,}"#, r#"{"update_id":1} x"#, "привет"] {
            assert!(matches!(read(text), Err(ParseError::NotJson { .. })), "{text}");
        }
        assert!(matches!(
            Envelope::read(b"{\"update_id\":1,\"x\":\"\xff\"}"),
            Err(ParseError::NotJson { .. })
        ));
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let deep = format!("{{\"update_id\":1,\"message\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read(&deep).unwrap().1, "message");
    }
}
