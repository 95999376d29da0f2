use std::path::PathBuf;

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// Conversations, and sending to Telegram.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BotServiceConfig {
    /// `postgres://dragoman_bot:password@host/database`: this service's own login role.
    pub database_url: Secret,
    /// Connections to Postgres at most.
    pub max_connections: u32,
    /// The directory that holds a folder per bot.
    pub bots_dir: PathBuf,
    /// Sends of this process under way at once. At least the wanted rate × Telegram's round trip.
    pub send_concurrency: usize,
    /// Messages per second to one private chat; Telegram's advice is 1. Zero: no limit of ours.
    pub per_chat_per_second: u32,
    /// Messages that one chat may get at once after a rest.
    pub per_chat_burst: u32,
    /// Messages per minute to one group; Telegram's limit is 20. Zero: no limit of ours.
    pub per_group_per_minute: u32,
    /// Messages per second of one bot to all chats; Telegram's limit is 30, or 1,000 where the owner pays.
    /// Zero: no limit of ours.
    pub per_bot_per_second: u32,
    /// Earlier messages that a model is shown with a question.
    pub model_history: u16,
}

impl Default for BotServiceConfig {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 20,
            bots_dir: PathBuf::from("bots"),
            send_concurrency: 256,
            per_chat_per_second: 1,
            per_chat_burst: 5,
            per_group_per_minute: 20,
            per_bot_per_second: 30,
            model_history: 12,
        }
    }
}
