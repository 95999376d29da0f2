//! What can go wrong in this service outside of a provider's call.

use std::path::PathBuf;

use classify::{Class, Classify};

/// A setting that can not be worked with: one sentence with what to do. It repeats no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "[llm-worker] base_url of a provider is no address; write it as https://host/path, without a user or a key in it"
    )]
    BaseUrl,
    #[error(
        "[llm-worker.providers] a name is up to 40 of a-z, 0-9, `-`, `_` and `.`; it is part of `provider/model`"
    )]
    ProviderName,
    #[error(
        "[llm-worker.providers] discover wants listed.prices: without them every model it lists would be free; write 0 for a server of your own"
    )]
    ListedPrices,
    #[error(
        "[llm-worker.providers] concurrency, retries.attempts, breaker.failures, timeouts and max_output_tokens must be at least 1"
    )]
    ProviderZero,
    #[error("[[llm-worker.providers.<name>.models]] each needs a name, spelt as the provider does")]
    ModelName,
    #[error(
        "[llm-worker.providers] `default` is what the short keys base_url and model are called; use one of the two"
    )]
    TwiceDefault,
    #[error("[llm-worker] bot_url is not an address; write http://host:port")]
    BotUrl,
    #[error("[llm-worker] base_url is set but model is not; name the model as the provider spells it")]
    Model,
    #[error(
        "[llm-worker] a key of a provider (api_key, api_keys) holds a space or another character that no key has; check how it was pasted"
    )]
    ApiKey,
    #[error("[llm-worker] concurrency, max_tokens, retries.attempts and the timeouts must be at least 1")]
    Zero,
    #[error("[llm-worker] temperature must be a number of at most 2")]
    Temperature,
    #[error("[llm-worker.money] time_zone is none; write it as Europe/Moscow")]
    TimeZone,
    #[error("[llm-worker.money] dollars must be between 0 (no limit) and 1000000000")]
    Dollars,
    #[error("[llm-worker.money] lease_seconds must be 3 to 3600, and session_break_minutes at least 1")]
    Lease,
    #[error("[llm-worker.routing] chains are for the modes agent, chat and assistant; name one of these")]
    RoutingMode,
    #[error(
        "[llm-worker.routing] a chain is a list of small, medium, large and provider/model; it holds something else or nothing"
    )]
    RoutingStep,
    #[error("[llm-worker.routing] most_models must be at least 1, and low_confidence between 0 and 1")]
    RoutingBounds,
    #[error("[llm-worker.money] sample_text_percent must be between 0 and 100")]
    Sample,
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
