//! `sendPhoto` and `sendDocument`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::upload::{form_of, part_of};
use super::{BotApi, InputFile, Method, ParseMode, ReplyMarkup, ReplyParameters, SendError};

/// The parameters of `sendPhoto` and `sendDocument` besides the file. Not `Debug`: the caption is for one
/// person only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SendFile<'a> {
    pub chat_id: i64,
    /// 0–1024 UTF-16 units after its mark-up is taken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_connection_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<ReplyMarkup>,
}

impl SendFile<'_> {
    /// To a chat, without a caption.
    #[must_use]
    pub const fn to(chat_id: i64) -> Self {
        Self {
            chat_id,
            caption: None,
            parse_mode: None,
            message_thread_id: None,
            business_connection_id: None,
            reply_parameters: None,
            reply_markup: None,
        }
    }
}

/// A file as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    pub message_id: i64,
    /// Unix seconds by Telegram's clock.
    pub date: i64,
    /// Sends the same file again without carrying it.
    pub file_id: Option<String>,
}

#[derive(Deserialize)]
struct SentMedia {
    message_id: i64,
    date: i64,
    document: Option<FileId>,
    /// The same picture in several sizes, the largest last.
    #[serde(default)]
    photo: Vec<FileId>,
}

#[derive(Deserialize)]
struct FileId {
    file_id: String,
}

impl BotApi {
    /// Sends a picture (shown as one).
    pub async fn send_photo(&self, photo: InputFile<'_>, to: &SendFile<'_>) -> Result<SentFile, SendError> {
        self.send_file(Method::SendPhoto, "photo", photo, to).await
    }

    /// Sends a file (shown as a file).
    pub async fn send_document(&self, file: InputFile<'_>, to: &SendFile<'_>) -> Result<SentFile, SendError> {
        self.send_file(Method::SendDocument, "document", file, to).await
    }

    async fn send_file(
        &self,
        method: Method,
        field: &'static str,
        file: InputFile<'_>,
        to: &SendFile<'_>,
    ) -> Result<SentFile, SendError> {
        let mut parameters = serde_json::to_value(to).map_err(|error| SendError::Encode(error.into()))?;
        let sent: SentMedia = match file {
            InputFile::Id(text) | InputFile::Url(text) => {
                parameters[field] = text.into_owned().into();
                self.call(method, &parameters).await?
            }
            InputFile::Bytes { name, mime, bytes } => {
                let form = form_of(parameters)?.part(field, part_of(&name, &mime, bytes)?);
                self.call_multipart(method, form).await?
            }
        };
        let file_id = sent.document.or_else(|| sent.photo.into_iter().next_back()).map(|file| file.file_id);
        Ok(SentFile { message_id: sent.message_id, date: sent.date, file_id })
    }
}
