//! `getUpdates`: long polling.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{BotApi, Method, SendError};

/// What the network may take on top of the time the server holds the request.
const SLACK: Duration = Duration::from_secs(10);

/// The parameters of `getUpdates`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GetUpdates {
    /// The first update wanted: one more than the last that was safely stored. Asking for it makes Telegram
    /// forget all before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// At most this many, 1–100 (the server's default is 100).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u8>,
    /// How long the server waits for the first one. Seconds.
    pub timeout: u16,
    /// The kinds wanted; empty leaves what was set before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allowed_updates: Vec<String>,
}

impl BotApi {
    /// Waits for updates. Each is left as the JSON that came, so that one of an unknown shape does not
    /// fail the others.
    pub async fn get_updates(&self, parameters: &GetUpdates) -> Result<Vec<Box<RawValue>>, SendError> {
        let limit = Duration::from_secs(parameters.timeout.into()) + SLACK;
        self.call_within(Method::GetUpdates, parameters, limit).await
    }
}
