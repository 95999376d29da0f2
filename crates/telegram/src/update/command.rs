//! `/name@bot payload`.

use ids::Pii;

use super::entity::{EntityKind, Words};
use super::what::What;

/// Longest name of a command.
const MAX_NAME: usize = 32;

/// A text as a command, if it is one: it begins with a slash and a name, and Telegram marked that (or
/// marked nothing at all, as other senders of updates may).
pub(super) fn read(words: &Words) -> Option<What> {
    let text = words.as_str();
    let rest = text.strip_prefix('/')?;
    let marked = words.entities.iter().any(|e| e.range.start == 0 && e.kind == EntityKind::BotCommand);
    if !marked && !words.entities.is_empty() {
        return None;
    }
    let head_len = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (head, payload) = rest.split_at(head_len);
    let (name, addressed_to) = match head.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (head, None),
    };
    let is_word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if name.len() > MAX_NAME || !is_word(name) || !addressed_to.is_none_or(is_word) {
        return None;
    }
    Some(What::Command {
        name: name.to_ascii_lowercase(),
        payload: Pii::new(payload.trim().to_owned()),
        addressed_to: addressed_to.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::update::wire;

    fn plain(text: &str) -> Option<(String, String, Option<String>)> {
        parts(read(&Words::plain(text))?)
    }

    fn parts(what: What) -> Option<(String, String, Option<String>)> {
        match what {
            What::Command { name, payload, addressed_to } => Some((name, payload.into_inner(), addressed_to)),
            _ => None,
        }
    }

    #[test]
    fn name_payload_and_addressee_are_told_apart() {
        let found = |name: &str, payload: &str, to: Option<&str>| {
            Some((name.to_owned(), payload.to_owned(), to.map(str::to_owned)))
        };
        assert_eq!(plain("/start"), found("start", "", None));
        assert_eq!(plain("/Start  utm_Ads-7 "), found("start", "utm_Ads-7", None));
        assert_eq!(plain("/help@DevBot\nдай"), found("help", "дай", Some("DevBot")));
        for text in [
            "start",
            "/",
            "/ start",
            "//x",
            "/привет",
            "/a-b",
            "/x@",
            "/x@y@z",
            &format!("/{}", "a".repeat(33)),
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn a_slash_inside_code_is_no_command() {
        let entity =
            |kind: &str| wire::Entity { kind: kind.into(), offset: 0, length: 4, ..wire::Entity::default() };
        assert_eq!(read(&Words::read("/etc".into(), vec![entity("code")])), None);
        assert!(read(&Words::read("/etc".into(), vec![entity("bot_command"), entity("bold")])).is_some());
    }
}
