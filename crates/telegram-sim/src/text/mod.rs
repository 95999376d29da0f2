//! From the text and formatting of a request to the text and entities that Telegram stores.

mod clean;
mod detect;
mod html;
mod links;
mod markdown;
mod markdown_v2;
mod writer;

pub(crate) use links::checked as checked_url;
use serde_json::Value;

use crate::model::Entity;

/// A text and its formatting, offsets in UTF-16 units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) entities: Vec<Entity>,
}

/// Length in UTF-16 units: what Telegram counts characters in.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The largest text the server looks at, before it parses anything.
const RAW_BYTES: usize = 1 << 15;

/// Parses `text` as `parse_mode` says (any case; none or `""` is plain), or takes the `entities` given.
/// The error is Telegram's own text.
pub(crate) fn parse(text: &str, parse_mode: &str, entities: Option<&Value>) -> Result<Formatted, String> {
    if text.len() > RAW_BYTES {
        return Err("Text is too long".to_owned());
    }
    let parsed = match parse_mode.to_ascii_lowercase().as_str() {
        "" | "none" => Formatted { text: text.to_owned(), entities: given(text, entities)? },
        _ if text.is_empty() => Formatted::default(),
        "html" => html::parse(text).map_err(cannot_parse)?,
        "markdownv2" => markdown_v2::parse(text).map_err(cannot_parse)?,
        "markdown" => markdown::parse(text).map_err(cannot_parse)?,
        _ => return Err("Unsupported parse_mode".to_owned()),
    };
    Ok(finish(parsed))
}

/// A text written by a person: nothing to parse, but links and commands are found in it.
pub(crate) fn plain(text: &str) -> Formatted {
    finish(Formatted { text: text.to_owned(), entities: Vec::new() })
}

#[expect(clippy::needless_pass_by_value, reason = "used as a map function")]
fn cannot_parse(error: String) -> String {
    format!("Can't parse entities: {error}")
}

fn finish(parsed: Formatted) -> Formatted {
    let mut cleaned = clean::clean(parsed);
    detect::add(&mut cleaned);
    cleaned
}

fn given(text: &str, entities: Option<&Value>) -> Result<Vec<Entity>, String> {
    let Some(entities) = entities.and_then(Value::as_array) else { return Ok(Vec::new()) };
    let length = utf16_len(text);
    let mut known = Vec::new();
    for entity in entities {
        if !entity.is_object() {
            return Err("Can't parse MessageEntity: expected an Object".to_owned());
        }
        let entity: Entity = serde_json::from_value(entity.clone())
            .map_err(|error| format!("Can't parse MessageEntity: {error}"))?;
        if entity.offset > length {
            return Err(format!(
                "Entity begins after the end of the text at UTF-16 offset {}",
                entity.offset
            ));
        }
        if entity.end() > length {
            return Err(format!(
                "Entity beginning at UTF-16 offset {} ends after the end of the text at UTF-16 offset {}",
                entity.offset,
                entity.end()
            ));
        }
        if FORMATTING.contains(&entity.kind.as_str()) && entity.length > 0 {
            known.push(entity);
        }
    }
    known.sort_by_key(|e| (e.offset, usize::MAX - e.length));
    Ok(known)
}

/// Kinds that a bot sets; the others are found by the server.
const FORMATTING: [&str; 13] = [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(f: &Formatted) -> Vec<(&str, usize, usize)> {
        f.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect()
    }

    #[test]
    fn the_server_counts_utf16_and_trims() {
        let f = parse("  <b>👋 hi</b>  ", "HTML", None).unwrap();
        assert_eq!(f.text, "👋 hi");
        assert_eq!(kinds(&f), [("bold", 0, 5)]);
    }

    #[test]
    fn raw_text_over_32_kib_is_refused_before_parsing() {
        assert_eq!(parse(&"x".repeat(32_769), "", None), Err("Text is too long".to_owned()));
        assert!(parse(&"x".repeat(32_768), "", None).is_ok());
    }

    #[test]
    fn an_entity_outside_the_text_is_refused() {
        let entities = serde_json::json!([{ "type": "bold", "offset": 0, "length": 9 }]);
        assert!(parse("short", "", Some(&entities)).unwrap_err().contains("ends after the end of the text"));
    }

    #[test]
    fn an_unknown_mode_is_refused() {
        assert_eq!(parse("x", "bbcode", None), Err("Unsupported parse_mode".to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_parser(text in "[\\*_`~|\\[\\]()<>/a-c&;=\" \\\\\n!👋]{0,40}", mode in "(html|markdown|markdownv2|)") {
            if let Ok(f) = parse(&text, &mode, None) {
                let length = utf16_len(&f.text);
                prop_assert_eq!(f.text.trim(), f.text.as_str());
                for entity in &f.entities {
                    prop_assert!(entity.length > 0 && entity.end() <= length, "{:?} in {:?}", entity, f.text);
                }
            }
        }
    }
}
