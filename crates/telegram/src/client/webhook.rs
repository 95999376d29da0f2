//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// The parameters of `setWebhook`. Not `Debug`: it holds the secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct SetWebhook<'a> {
    pub url: Cow<'a, str>,
    /// Sent with every call, 1–256 of A–Z, a–z, 0–9, `_`, `-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_token: Option<Cow<'a, str>>,
    /// Calls that may be open at once, 1–100 (the server's default is 40).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u8>,
    /// The kinds wanted; empty leaves what was set before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allowed_updates: Vec<Cow<'a, str>>,
    /// Throw away what has not been delivered yet.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub drop_pending_updates: bool,
}

/// What Telegram says about the webhook that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct WebhookInfo {
    /// Empty: no webhook is set.
    pub url: String,
    #[serde(default)]
    pub pending_update_count: u64,
    /// Unix seconds of the last call that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_date: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_updates: Vec<String>,
}

#[derive(Serialize)]
struct DeleteWebhook {
    drop_pending_updates: bool,
}

impl BotApi {
    /// Has Telegram deliver the updates to an address.
    pub async fn set_webhook(&self, webhook: &SetWebhook<'_>) -> Result<(), SendError> {
        self.call::<_, bool>(Method::SetWebhook, webhook).await.map(drop)
    }

    /// Ends delivery to a webhook, so that `getUpdates` may be used.
    pub async fn delete_webhook(&self, drop_pending_updates: bool) -> Result<(), SendError> {
        self.call::<_, bool>(Method::DeleteWebhook, &DeleteWebhook { drop_pending_updates }).await.map(drop)
    }

    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, SendError> {
        self.call(Method::GetWebhookInfo, &serde_json::Map::new()).await
    }
}
