//! What can go wrong in this service outside of a provider's call.

use std::path::PathBuf;

use classify::{Class, Classify};

/// A setting that can not be worked with: one sentence with what to do. It repeats no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "[llm-worker] base_url is no address; write it as https://host/path, without a user or a key in it"
    )]
    BaseUrl,
    #[error("[llm-worker] bot_url is not an address; write http://host:port")]
    BotUrl,
    #[error("[llm-worker] base_url is set but model is not; name the model as the provider spells it")]
    Model,
    #[error(
        "[llm-worker] api_key holds a space or another character that no key has; check how it was pasted"
    )]
    ApiKey,
    #[error("[llm-worker] concurrency, max_tokens, retries.attempts and the timeouts must be at least 1")]
    Zero,
    #[error("[llm-worker] temperature must be a number of at most 2")]
    Temperature,
    #[error(
        "[llm-worker.embeddings] can not be worked with: base_url is written https://host/path, model is named, dimensions and batch are at least 1, and 0 ≤ worth_similarity < sure_similarity ≤ 1"
    )]
    Embeddings,
}

/// Why the worker did not start.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the folder of bots {} can not be read; set [llm-worker] bots_dir", path.display())]
    BotsDir { path: PathBuf, source: std::io::Error },
    #[error("the bot {} can not be used", path.display())]
    Bot { path: PathBuf, source: bot_folder::FolderErrors },
    #[error("the connections to the provider can not be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the knowledge of the bots can not be stored")]
    Database(#[from] pg::PgError),
}

impl Classify for LlmError {
    fn class(&self) -> Class {
        match self {
            Self::Config(_) | Self::BotsDir { .. } | Self::Bot { .. } => Class::Invalid,
            Self::Client(_) => Class::Permanent,
            Self::Database(error) => error.class(),
        }
    }
}
