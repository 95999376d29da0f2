//! Turns what serde says about a section into what a person can act on, without showing a secret.

use serde_path_to_error::{Error, Segment};

use super::error::{Place, SettingsError};
use super::schema::Node;

pub(super) fn value_error(
    section: &str,
    error: &Error<toml::de::Error>,
    schema: Node<'_>,
    place: &dyn Fn(&[String]) -> Place,
) -> SettingsError {
    let keys: Vec<String> = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    let message = error.inner().message().lines().next().unwrap_or_default();
    let mut path = vec![section.to_owned()];
    path.extend(keys.iter().cloned());

    if let Some(name) = quoted(message, "missing field `") {
        path.push(name.to_owned());
        let variable = variable(&path);
        return SettingsError::Value {
            place: place(&path),
            key: path.join("."),
            what: "is missing".to_owned(),
            remedy: format!("add it to the file or set {variable}"),
        };
    }
    if let Some(name) = quoted(message, "unknown field `") {
        // The path may or may not end with the field itself.
        if path.last().is_none_or(|last| last != name) {
            path.push(name.to_owned());
        }
        let known = message.split_once("expected ").map_or("none", |(_, names)| names);
        return SettingsError::Value {
            place: place(&path),
            key: path.join("."),
            what: "there is no such setting".to_owned(),
            remedy: format!(
                "correct its name or remove it (known here: {})",
                known.trim_start_matches("one of ")
            ),
        };
    }
    let node = keys.iter().try_fold(schema, |node, key| node.step(key));
    let what = match node {
        Some(node) if !node.holds_secret() => in_words(message),
        _ => without_value(message),
    };
    SettingsError::Value {
        place: place(&path),
        key: path.join("."),
        what,
        remedy: "correct the value or remove it".to_owned(),
    }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').next()
}

/// What was expected, but not what was found. Only serde's own sentences end with what was expected; of any
/// other text nothing is kept.
fn without_value(message: &str) -> String {
    let standard =
        ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|p| message.starts_with(p));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if standard => {
            format!("found something else (not shown), expected {}", kind_in_words(expected))
        }
        _ => "the value is not acceptable (not shown)".to_owned(),
    }
}

/// What was expected, in words of the file and not of Rust.
fn in_words(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((found, expected)) => format!("{found}, expected {}", kind_in_words(expected)),
        None => message.to_owned(),
    }
}

fn kind_in_words(expected: &str) -> &str {
    match expected {
        "f32" | "f64" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a map" => "a table",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "a table of settings",
        other => other,
    }
}

/// The variable that sets what stands at `path`.
pub(crate) fn variable(path: &[String]) -> String {
    let mut name = "DRAGOMAN".to_owned();
    for word in path {
        name.push_str("__");
        name.push_str(&word.replace('-', "_").to_uppercase());
    }
    name
}
