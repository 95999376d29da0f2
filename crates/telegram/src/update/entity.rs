//! A text with its entities, their offsets checked and turned from UTF-16 units into bytes.

use std::ops::Range;

use ids::Pii;

use super::wire;
use crate::text::utf16;

/// A text a person wrote, and what Telegram recognised in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub text: Pii<String>,
    /// In the order of their beginning. Each range lies within the text, on the boundaries of characters.
    pub entities: Vec<Entity>,
}

/// A part of a text with a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub kind: EntityKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityKind {
    Mention,
    Hashtag,
    Cashtag,
    BotCommand,
    Url,
    Email,
    PhoneNumber,
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Blockquote,
    Code,
    Pre {
        language: Option<String>,
    },
    TextLink {
        url: String,
    },
    /// A mention of someone without a user name.
    TextMention {
        user_id: i64,
    },
    CustomEmoji {
        id: String,
    },
    /// One of a later Bot API, by its name.
    Other(String),
}

impl Words {
    /// A text without entities.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: Pii::new(text.into()), entities: Vec::new() }
    }

    /// The text itself. Never log what this returns.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.expose()
    }

    /// What an entity of this text covers.
    #[must_use]
    pub fn covered(&self, entity: &Entity) -> &str {
        self.as_str().get(entity.range.clone()).unwrap_or_default()
    }

    /// Takes what Telegram sent. An entity outside the text, empty, or beginning or ending inside a
    /// character is dropped.
    pub(super) fn read(text: String, entities: Vec<wire::Entity>) -> Self {
        let bounds: Vec<_> = entities.iter().map(|e| (e.offset, e.offset.saturating_add(e.length))).collect();
        let ranges = utf16::byte_ranges(&text, &bounds);
        let mut entities: Vec<_> = ranges
            .into_iter()
            .zip(entities)
            .filter_map(|(range, entity)| Some(Entity { range: range?, kind: kind_of(entity)? }))
            .collect();
        entities.sort_by_key(|entity| entity.range.start);
        Self { text: Pii::new(text), entities }
    }
}

fn kind_of(entity: wire::Entity) -> Option<EntityKind> {
    Some(match entity.kind.as_str() {
        "mention" => EntityKind::Mention,
        "hashtag" => EntityKind::Hashtag,
        "cashtag" => EntityKind::Cashtag,
        "bot_command" => EntityKind::BotCommand,
        "url" => EntityKind::Url,
        "email" => EntityKind::Email,
        "phone_number" => EntityKind::PhoneNumber,
        "bold" => EntityKind::Bold,
        "italic" => EntityKind::Italic,
        "underline" => EntityKind::Underline,
        "strikethrough" => EntityKind::Strikethrough,
        "spoiler" => EntityKind::Spoiler,
        "blockquote" | "expandable_blockquote" => EntityKind::Blockquote,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre { language: entity.language },
        "text_link" => EntityKind::TextLink { url: entity.url? },
        "text_mention" => EntityKind::TextMention { user_id: entity.user?.id },
        "custom_emoji" => EntityKind::CustomEmoji { id: entity.custom_emoji_id? },
        _ => EntityKind::Other(entity.kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entity(kind: &str, offset: i64, length: i64) -> wire::Entity {
        wire::Entity { kind: kind.into(), offset, length, ..wire::Entity::default() }
    }

    #[test]
    fn offsets_count_utf16_units() {
        let words =
            Words::read("👍🏽 привет @dev".into(), vec![entity("mention", 12, 4), entity("bold", 5, 6)]);
        let covered: Vec<_> = words.entities.iter().map(|e| (words.covered(e), e.kind.clone())).collect();
        assert_eq!(covered, [("привет", EntityKind::Bold), ("@dev", EntityKind::Mention)]);
    }

    #[test]
    fn what_does_not_fit_is_dropped() {
        let bad = [(1, 2), (0, 1), (-1, 2), (0, 0), (0, 99), (i64::MAX, i64::MAX), (0, -1)];
        let words = Words::read("👍ok".into(), bad.iter().map(|&(o, l)| entity("bold", o, l)).collect());
        assert_eq!(words.entities, []);
        assert_eq!(
            Words::read("x".into(), vec![entity("text_link", 0, 1)]).entities,
            [],
            "a link without address"
        );
    }

    proptest! {
        #[test]
        fn every_range_that_is_kept_can_be_sliced(
            text in "\\PC{0,30}", bounds in prop::collection::vec((-3i64..40, -3i64..40), 0..6),
        ) {
            let words = Words::read(text, bounds.iter().map(|&(o, l)| entity("bold", o, l)).collect());
            for entity in &words.entities {
                prop_assert!(words.as_str().get(entity.range.clone()).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
