//! What goes with a text: mark-up, entities, the preview of links, the message it replies to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How the server reads mark-up in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParseMode {
    #[serde(rename = "HTML")]
    Html,
    MarkdownV2,
}

/// A part of a text with a meaning, to be sent instead of mark-up. Offsets are in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEntity {
    /// `bold`, `code`, `text_link`, …
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    pub offset: u32,
    pub length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Whether and how a link in the text is previewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_disabled: bool,
    /// The link to show, if it is not the first in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The message this one replies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyParameters {
    pub message_id: i64,
    /// Send it as an ordinary message if the other is gone, instead of refusing.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub allow_sending_without_reply: bool,
}

impl LinkPreview {
    pub const OFF: Self = Self { is_disabled: true, url: None };
}

impl ReplyParameters {
    /// A reply that is sent even if the message is gone.
    #[must_use]
    pub const fn to(message_id: i64) -> Self {
        Self { message_id, allow_sending_without_reply: true }
    }
}
