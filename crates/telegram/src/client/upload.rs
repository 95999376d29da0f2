//! A file to send: one that Telegram has, one that it fetches, or one that we carry.

use std::borrow::Cow;

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::SendError;

/// A file to send.
#[derive(Clone)]
pub enum InputFile<'a> {
    /// One that Telegram knows by its `file_id`.
    Id(Cow<'a, str>),
    /// One that Telegram fetches from the web (up to 5 MB for a photo, 20 MB otherwise).
    Url(Cow<'a, str>),
    /// One that goes with the call (up to 10 MB for a photo, 50 MB otherwise).
    Bytes { name: Cow<'a, str>, mime: Cow<'a, str>, bytes: Bytes },
}

/// Adds the parameters of a call to a form: texts as they are, the rest as JSON, as the Bot API wants it.
pub(super) fn form_of(parameters: Value) -> Result<Form, SendError> {
    let Value::Object(parameters) = parameters else {
        return Err(SendError::Encode("the parameters are not an object".into()));
    };
    Ok(parameters.into_iter().fold(Form::new(), |form, (name, value)| match value {
        Value::String(text) => form.text(name, text),
        other => form.text(name, other.to_string()),
    }))
}

/// The file itself as a part of a form.
pub(super) fn part_of(name: &str, mime: &str, bytes: Bytes) -> Result<Part, SendError> {
    let length = bytes.len() as u64;
    Part::stream_with_length(bytes, length)
        .file_name(name.to_owned())
        .mime_str(mime)
        .map_err(|error| SendError::Encode(error.without_url().into()))
}
