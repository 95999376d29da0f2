//! The buttons below a message and the keyboard instead of the person's own.

use serde::{Deserialize, Serialize};

/// What is attached to a message for the person to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReplyMarkup {
    Inline(InlineKeyboard),
    Keyboard(Keyboard),
    Remove(RemoveKeyboard),
    ForceReply(ForceReply),
}

/// Rows of buttons below the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineKeyboard {
    pub inline_keyboard: Vec<Vec<InlineButton>>,
}

/// A button below a message. Exactly one of what it does is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineButton {
    pub text: String,
    /// 1–64 **bytes**, comes back when it is pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_text: Option<CopyText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<ButtonStyle>,
}

/// 1–256 characters that a press puts into the clipboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyText {
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ButtonStyle {
    Primary,
    Success,
    Danger,
}

/// A keyboard that takes the place of the person's own; a press sends the button's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard {
    pub keyboard: Vec<Vec<KeyboardButton>>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub resize_keyboard: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub one_time_keyboard: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_persistent: bool,
    /// 1–64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_field_placeholder: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyboardButton {
    pub text: String,
    /// A press sends the person's phone number, after a question.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub request_contact: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub request_location: bool,
}

/// Takes the keyboard away again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveKeyboard {
    /// Always true; false is refused.
    pub remove_keyboard: bool,
}

/// Opens a reply to this message for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForceReply {
    /// Always true; false is refused.
    pub force_reply: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_field_placeholder: Option<String>,
}

impl InlineButton {
    /// A button whose press comes back as `data`, 1–64 bytes.
    pub fn callback(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self { text: text.into(), callback_data: Some(data.into()), ..Self::default() }
    }

    /// A button that opens an address.
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), url: Some(url.into()), ..Self::default() }
    }
}

impl InlineKeyboard {
    /// One button in each row.
    #[must_use]
    pub fn column(buttons: Vec<InlineButton>) -> Self {
        Self { inline_keyboard: buttons.into_iter().map(|button| vec![button]).collect() }
    }
}

impl ReplyMarkup {
    pub const REMOVE: Self = Self::Remove(RemoveKeyboard { remove_keyboard: true });
}

impl From<InlineKeyboard> for ReplyMarkup {
    fn from(keyboard: InlineKeyboard) -> Self {
        Self::Inline(keyboard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_written_as_telegram_wants_it_and_read_back() {
        let inline = ReplyMarkup::from(InlineKeyboard::column(vec![
            InlineButton::callback("Yes", "y"),
            InlineButton::url("Site", "https://example.com"),
        ]));
        let keyboard = ReplyMarkup::Keyboard(Keyboard {
            keyboard: vec![vec![KeyboardButton {
                text: "Phone".into(),
                request_contact: true,
                request_location: false,
            }]],
            resize_keyboard: true,
            ..Keyboard::default()
        });
        let force = ReplyMarkup::ForceReply(ForceReply { force_reply: true, input_field_placeholder: None });
        for (markup, json) in [
            (
                inline,
                r#"{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}],[{"text":"Site","url":"https://example.com"}]]}"#,
            ),
            (keyboard, r#"{"keyboard":[[{"text":"Phone","request_contact":true}]],"resize_keyboard":true}"#),
            (ReplyMarkup::REMOVE, r#"{"remove_keyboard":true}"#),
            (force, r#"{"force_reply":true}"#),
        ] {
            assert_eq!(serde_json::to_string(&markup).unwrap(), json);
            assert_eq!(serde_json::from_str::<ReplyMarkup>(json).unwrap(), markup);
        }
    }
}
