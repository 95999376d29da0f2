//! `knowledge/*.md` and `prompts/*.md`: text with a few facts about it at the top.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::yaml::At;

/// A document the bot may answer from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Knowledge {
    /// The file's name without `.md`.
    pub id: String,
    pub title: String,
    pub language: Lang,
    /// Markdown, without the front matter.
    pub body: String,
}

/// The front matter of a file of `knowledge/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeHead {
    pub title: String,
    pub language: Lang,
}

/// A file, taken apart.
pub(crate) struct Document {
    /// The YAML between the two `---` lines, moved down so that its lines keep their numbers.
    pub(crate) head: String,
    /// The rest, without the white space around it.
    pub(crate) body: String,
    /// Where the body begins in the file.
    pub(crate) body_at: At,
}

impl Document {
    /// `None` where the file does not begin with front matter.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
        let mut head = 0;
        for line in rest.split_inclusive('\n') {
            if line.trim_end() == "---" {
                let body = &rest[head + line.len()..];
                let begins = text.len() - body.trim_start().len();
                return Some(Self {
                    head: format!("\n{}", &rest[..head]),
                    body: body.trim().to_owned(),
                    body_at: place(text, begins, At { line: 1, column: 1 }),
                });
            }
            head += line.len();
        }
        None
    }
}

/// The place of what stands at `offset` bytes of a text that begins at `from`.
pub(crate) fn place(text: &str, offset: usize, from: At) -> At {
    let before = text.get(..offset).unwrap_or(text);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match before.rfind('\n') {
        None => At { line: from.line, column: from.column.saturating_add(number(before.chars().count())) },
        Some(newline) => At {
            line: from.line.saturating_add(number(before.matches('\n').count())),
            column: number(before[newline + 1..].chars().count() + 1),
        },
    }
}
