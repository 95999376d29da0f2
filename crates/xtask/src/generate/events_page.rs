//! `docs/EVENTS.md`: every event with its subject, what orders it, and its message as `proto/` has it.

use std::fmt::Write;
use std::fs;

use anyhow::Context;
use events::{CATALOGUE, Entry, stream_name};

use crate::shell::Shell;

pub(super) const HEAD: &str = "# Events

What the services say to each other over JetStream. Written by `cargo xtask gen` from the catalogue in
`crates/events` and the messages in `proto/`: do not edit.

A subject is `ev.<service>.<aggregate>.<event>.<pp>.<key>`: `pp` is the partition of the key, and events
with one key arrive in the order of their publication. Headers: `Nats-Msg-Id` (the event's id, by which
repetitions are dropped), `traceparent`, `correlation-id`, `causation-id`, `occurred-at`.

| event | stream | key | message |
|---|---|---|---|
";

pub(super) fn render(shell: &Shell) -> anyhow::Result<String> {
    let mut page = String::new();
    for entry in CATALOGUE {
        let (name, anchor) = (entry.name, entry.name.replace('.', ""));
        let stream = stream_name(service(entry));
        writeln!(page, "| [`{name}`](#{anchor}) | `{stream}` | {} | `{}` |", entry.key, entry.message)?;
    }
    for entry in CATALOGUE {
        let (file, message) = file_and_name(entry.message)
            .with_context(|| format!("{} is not the full name of a message", entry.message))?;
        let proto =
            fs::read_to_string(shell.root().join(&file)).with_context(|| format!("could not read {file}"))?;
        let text = with_parts(&proto, message).with_context(|| format!("{file} has no message {message}"))?;
        write!(page, "\n## {}\n\n```proto\n{text}\n```\n", entry.name)?;
    }
    Ok(page)
}

fn service(entry: &Entry) -> &str {
    entry.name.split('.').next().unwrap_or_default()
}

/// `dragoman.bot.v1.LeadCaptured` is `LeadCaptured` in `proto/dragoman/bot/v1/events.proto`.
fn file_and_name(message: &str) -> Option<(String, &str)> {
    let (package, name) = message.rsplit_once('.')?;
    Some((format!("proto/{}/events.proto", package.replace('.', "/")), name))
}

/// A message and the messages of the same file that it is made of, each once, in the order of their use.
fn with_parts(proto: &str, name: &str) -> Option<String> {
    let mut names = vec![name.to_owned()];
    let mut texts = Vec::new();
    let mut next = 0;
    while let Some(name) = names.get(next) {
        let text = message(proto, name)?;
        for part in types(&text) {
            if !names.contains(&part) && message(proto, &part).is_some() {
                names.push(part);
            }
        }
        texts.push(text);
        next += 1;
    }
    Some(texts.join("\n\n"))
}

/// The text of one message with the comment above it.
fn message(proto: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = proto.lines().collect();
    let head = lines.iter().position(|line| *line == format!("message {name} {{"))?;
    let comment = lines[..head].iter().rev().take_while(|line| line.starts_with("//")).count();
    let end = head + lines[head..].iter().position(|line| *line == "}")?;
    Some(lines[head - comment..=end].join("\n"))
}

/// The words of a message that are names of types.
fn types(message: &str) -> impl Iterator<Item = String> {
    let words = message.lines().skip(1).filter(|line| !line.trim_start().starts_with("//"));
    let words = words.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTO: &str = "syntax = \"proto3\";\n\n// A person left.\n// Key: the chat.\nmessage Left {\n  string id = 1;\n  // Of a Door.\n  repeated Reason reasons = 2;\n}\n\nmessage Reason {\n  string text = 1;\n}\n\nmessage Door {\n}\n";

    #[test]
    fn a_message_comes_with_its_comment_and_its_parts() {
        let text = with_parts(PROTO, "Left").unwrap();
        assert!(text.starts_with("// A person left.\n// Key: the chat.\nmessage Left {"), "{text}");
        assert!(text.ends_with("message Reason {\n  string text = 1;\n}"), "{text}");
        assert!(with_parts(PROTO, "Gone").is_none());
    }

    #[test]
    fn every_event_of_the_catalogue_has_its_section() {
        let page = render(&Shell::at_root()).unwrap();
        for entry in CATALOGUE {
            assert!(page.contains(&format!("\n## {}\n", entry.name)), "{}", entry.name);
        }
    }
}
