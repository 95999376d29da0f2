//! `getFile` and the download of what it names, in pieces and never more than the caller allows.

use bytes::{Bytes, BytesMut};
use classify::{Class, Classify};
use ids::Secret;
use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// A file ready to be fetched, for at least an hour.
#[derive(Clone, Debug, Deserialize)]
pub struct File {
    pub file_id: String,
    /// The same for every bot and for good; can not be used to fetch.
    pub file_unique_id: String,
    /// Bytes.
    pub file_size: Option<u64>,
    /// A Bot API server of one's own puts the token into it, hence the secret.
    file_path: Option<Secret>,
}

#[derive(Serialize)]
struct GetFile<'a> {
    file_id: &'a str,
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// Telegram gives no path: the file is too large for it (20 MB on its own servers).
    #[error("telegram does not hand out this file")]
    NotAvailable,
    #[error("the file could not be fetched")]
    Call(#[source] SendError),
}

impl Classify for DownloadError {
    fn class(&self) -> Class {
        match self {
            Self::TooLarge { .. } | Self::NotAvailable => Class::Invalid,
            Self::Call(error) => error.class(),
        }
    }
}

impl From<SendError> for DownloadError {
    fn from(error: SendError) -> Self {
        Self::Call(error)
    }
}

/// A file on its way.
pub struct Download {
    response: reqwest::Response,
    left: u64,
    limit: u64,
}

impl Download {
    /// The next piece; `None` at the end. Ends with an error as soon as the limit is passed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, DownloadError> {
        let Some(chunk) = self.response.chunk().await.map_err(SendError::from)? else { return Ok(None) };
        self.left =
            self.left.checked_sub(chunk.len() as u64).ok_or(DownloadError::TooLarge { limit: self.limit })?;
        Ok(Some(chunk))
    }

    /// All that is left, in memory.
    pub async fn read(mut self) -> Result<Bytes, DownloadError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl BotApi {
    /// Prepares a file to be fetched. Files over 20 MB are refused by Telegram's own servers.
    pub async fn get_file(&self, file_id: &str) -> Result<File, SendError> {
        self.call(Method::GetFile, &GetFile { file_id }).await
    }

    /// Begins to fetch a file of at most `limit` bytes.
    pub async fn download(&self, file: &File, limit: u64) -> Result<Download, DownloadError> {
        let too_large = || DownloadError::TooLarge { limit };
        if file.file_size.is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        let path = file.file_path.as_ref().ok_or(DownloadError::NotAvailable)?;
        let response = self.get_file_request(path.expose())?.send().await.map_err(SendError::from)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(match status {
                404 | 410 => SendError::Refused("the file is no longer there".into()),
                429 => SendError::RetryAfter(std::time::Duration::from_secs(1)),
                500.. => SendError::Server(status),
                _ => SendError::Refused(format!("status {status}")),
            }
            .into());
        }
        if response.content_length().is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        Ok(Download { response, left: limit, limit })
    }
}
