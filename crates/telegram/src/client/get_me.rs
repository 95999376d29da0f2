//! `getMe`: who the bot is; also the way to learn whether its token is good.

use serde::Deserialize;

use super::{BotApi, Method, SendError};

/// The bot's own account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Me {
    pub id: i64,
    pub first_name: String,
    pub username: Option<String>,
    #[serde(default)]
    pub can_join_groups: bool,
    /// Privacy mode is off: the bot sees every message of its groups.
    #[serde(default)]
    pub can_read_all_group_messages: bool,
    #[serde(default)]
    pub supports_inline_queries: bool,
    #[serde(default)]
    pub can_connect_to_business: bool,
    /// Private chats with this bot have topics.
    #[serde(default)]
    pub has_topics_enabled: bool,
}

impl BotApi {
    /// Who this bot is.
    pub async fn get_me(&self) -> Result<Me, SendError> {
        self.call(Method::GetMe, &serde_json::Map::new()).await
    }
}
