//! `[llm-worker.providers.<name>]`: who can be asked, on what terms.

use std::fmt;

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{MaxTokensField, Prices, Retries};
use crate::error::ConfigError;

/// A provider of models. Its name in the settings is its word in the ledger, the metrics and in
/// `provider/model`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// What it speaks. `openai` and `anthropic` also stand for whatever is compatible with them.
    pub kind: Kind,
    /// The address below which `chat/completions` or `messages` is. Empty: the one this kind is known by.
    pub base_url: String,
    /// Its keys, separated by spaces or line breaks. The first one that works is used; one that is refused or
    /// used up is set aside for a while. May be empty for a server of your own.
    #[serde(skip_serializing)]
    pub api_keys: Secret,
    /// How long a key that was refused, or whose quota is used up, is set aside, in milliseconds.
    pub key_rest_ms: u64,
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// Calls under way at a time at most. Who comes when it is full waits, as long as there is time.
    pub concurrency: u16,
    /// How calls that failed for the moment are repeated.
    pub retries: Retries,
    /// When it is left alone for a while.
    pub breaker: BreakerConfig,
    /// What the provider calls the limit of an answer's tokens. Not set: what this kind is known to call it.
    pub max_tokens_field: Option<MaxTokensField>,
    /// Whether a stream is asked to count its tokens at its end (`stream_options.include_usage`).
    pub stream_usage: bool,
    /// How the key is shown. Not set: as this kind is known to want it.
    pub auth: Option<Auth>,
    /// Whether the models that the provider lists can be asked too; the prices and limits for them are those of
    /// `listed`.
    pub discover: bool,
    /// What holds for models that are listed by the provider and not here.
    pub listed: ListedConfig,
    /// Its models.
    pub models: Vec<ModelConfig>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            kind: Kind::OpenAi,
            base_url: String::new(),
            api_keys: Secret::default(),
            key_rest_ms: 600_000,
            timeouts: Timeouts::default(),
            concurrency: 64,
            retries: Retries::default(),
            breaker: BreakerConfig::default(),
            max_tokens_field: None,
            stream_usage: true,
            auth: None,
            discover: false,
            listed: ListedConfig::default(),
            models: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    OpenAi,
    Anthropic,
    LongCat,
    DeepSeek,
    Gemini,
    Ollama,
    /// Built in: passes on what the bot knows.
    Offline,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::LongCat => "longcat",
            Self::DeepSeek => "deepseek",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::Offline => "offline",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer <key>`.
    Bearer,
    /// `x-api-key: <key>`.
    XApiKey,
}

/// In milliseconds. Each must be at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Until a connection is made.
    pub connect_ms: u64,
    /// Until the first piece of an answer is there, thoughts included.
    pub first_token_ms: u64,
    /// Until its last one is.
    pub total_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_token_ms: 20_000, total_ms: 120_000 }
    }
}

/// A provider that fails again and again is left alone for a while, and then tried with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Failures in a row (unreachable, too slow, 5xx, broken off) after which it is left alone.
    pub failures: u32,
    /// For how long, in milliseconds.
    pub rest_ms: u64,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { failures: 5, rest_ms: 15_000 }
    }
}

/// What the models that a provider lists can, and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListedConfig {
    /// `small`, `medium` or `large`: what a route chooses by.
    pub tier: Tier,
    /// What tokens cost. `discover` wants it: what the dearest of them costs; 0 for models that are free.
    pub prices: Option<Prices>,
    /// Tokens of prompt and answer together at most, where the list does not say. Not set: 32768.
    pub context_tokens: Option<u32>,
    /// Tokens of an answer at most, thoughts included. Not set: 4096.
    pub max_output_tokens: Option<u32>,
    /// How their tokens are counted before they are asked. Not set: by their names.
    pub tokenizer: Option<TokenizerKind>,
    /// Whether they take a temperature. Not set: yes. Some models refuse any.
    pub takes_temperature: Option<bool>,
}

impl ListedConfig {
    pub(crate) fn terms(&self) -> Terms {
        let usual = Terms::default();
        Terms {
            tier: self.tier,
            prices: self.prices.unwrap_or_default(),
            context_tokens: self.context_tokens.unwrap_or(usual.context_tokens),
            max_output_tokens: self.max_output_tokens.unwrap_or(usual.max_output_tokens),
            tokenizer: self.tokenizer,
            takes_temperature: self.takes_temperature.unwrap_or(true),
        }
    }
}

/// What a model can, and costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// `small`, `medium` or `large`: what a route chooses by.
    pub tier: Tier,
    /// What tokens cost.
    pub prices: Prices,
    /// Tokens of prompt and answer together at most.
    pub context_tokens: u32,
    /// Tokens of an answer at most, thoughts included.
    pub max_output_tokens: u32,
    /// How its tokens are counted before it is asked. Not set: by its name.
    pub tokenizer: Option<TokenizerKind>,
    /// Whether it takes a temperature. Some models refuse any.
    pub takes_temperature: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            tier: Tier::Medium,
            prices: Prices::default(),
            context_tokens: 32_768,
            max_output_tokens: 4_096,
            tokenizer: None,
            takes_temperature: true,
        }
    }
}

/// One model of a provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// As the provider spells it.
    pub name: String,
    /// `small`, `medium` or `large`: what a route chooses by.
    pub tier: Tier,
    /// What tokens cost.
    pub prices: Prices,
    /// Tokens of prompt and answer together at most. Not set: 32768.
    pub context_tokens: Option<u32>,
    /// Tokens of an answer at most, thoughts included. Not set: 4096.
    pub max_output_tokens: Option<u32>,
    /// How its tokens are counted before it is asked. Not set: by its name.
    pub tokenizer: Option<TokenizerKind>,
    /// Whether it takes a temperature. Not set: yes. Some models refuse any.
    pub takes_temperature: Option<bool>,
}

impl ModelConfig {
    pub(crate) fn terms(&self) -> Terms {
        let usual = Terms::default();
        Terms {
            tier: self.tier,
            prices: self.prices,
            context_tokens: self.context_tokens.unwrap_or(usual.context_tokens),
            max_output_tokens: self.max_output_tokens.unwrap_or(usual.max_output_tokens),
            tokenizer: self.tokenizer,
            takes_temperature: self.takes_temperature.unwrap_or(true),
        }
    }
}

/// How much a model can, and costs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Small,
    #[default]
    Medium,
    Large,
}

impl Tier {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// How a model's tokens are counted before it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenizerKind {
    /// OpenAI's newer one.
    #[default]
    O200k,
    /// OpenAI's older one.
    Cl100k,
    /// By the number of characters, on the safe side.
    Characters,
}

impl ProviderConfig {
    /// The address below which calls are made.
    pub(crate) fn base(&self) -> Result<Url, ConfigError> {
        let known = match self.kind {
            Kind::OpenAi => "https://api.openai.com/v1",
            Kind::Anthropic => "https://api.anthropic.com/v1",
            Kind::LongCat => "https://api.longcat.chat/openai/v1",
            Kind::DeepSeek => "https://api.deepseek.com/v1",
            Kind::Gemini => "https://generativelanguage.googleapis.com/v1beta/openai",
            Kind::Ollama => "http://127.0.0.1:11434/v1",
            Kind::Offline => "http://offline.invalid",
        };
        let base = if self.base_url.trim().is_empty() { known } else { self.base_url.trim() };
        // What is written there may hold a password, so it is not repeated.
        let url = Url::parse(base).map_err(|_| ConfigError::BaseUrl)?;
        let is_fit = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
        if is_fit && url.password().is_none() { Ok(url) } else { Err(ConfigError::BaseUrl) }
    }

    pub(crate) fn keys(&self) -> Vec<Secret> {
        self.api_keys.expose().split_whitespace().map(Secret::new).collect()
    }

    pub(crate) fn check(&self, name: &str) -> Result<(), ConfigError> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 40 || !name.chars().all(is_word) {
            return Err(ConfigError::ProviderName);
        }
        if !self.keys().iter().all(|key| key.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte))) {
            return Err(ConfigError::ApiKey);
        }
        let Timeouts { connect_ms, first_token_ms, total_ms } = self.timeouts;
        let counts =
            [u64::from(self.concurrency), self.retries.attempts.into(), self.breaker.failures.into()];
        if counts.contains(&0) || [connect_ms, first_token_ms, total_ms].contains(&0) {
            return Err(ConfigError::ProviderZero);
        }
        let is_named = |model: &ModelConfig| !model.name.trim().is_empty() && model.name.len() <= 200;
        if !self.models.iter().all(is_named) {
            return Err(ConfigError::ModelName);
        }
        if self.models.iter().any(|model| model.terms().max_output_tokens == 0) {
            return Err(ConfigError::ProviderZero);
        }
        if self.discover && self.listed.prices.is_none() {
            return Err(ConfigError::ListedPrices);
        }
        if self.listed.max_output_tokens == Some(0) {
            return Err(ConfigError::ProviderZero);
        }
        self.base().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LlmConfig;

    fn read(text: &str) -> Result<LlmConfig, String> {
        let config: LlmConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string()).map(|()| config)
    }

    #[test]
    fn a_provider_is_its_kind_and_its_keys_and_the_rest_is_known() {
        let config = read(
            "[providers.deepseek]\nkind = \"deepseek\"\napi_keys = \"one  two\\nthree\"\n\
             [[providers.deepseek.models]]\nname = \"deepseek-v4-flash\"\ntier = \"small\"\n",
        )
        .unwrap();
        let provider = &config.providers["deepseek"];
        assert_eq!(provider.base().unwrap().as_str(), "https://api.deepseek.com/v1");
        assert_eq!(provider.keys().iter().map(Secret::expose).collect::<Vec<_>>(), ["one", "two", "three"]);
        let terms = provider.models[0].terms();
        assert_eq!((terms.tier, terms.context_tokens, terms.takes_temperature), (Tier::Small, 32_768, true));
    }

    #[test]
    fn what_can_not_be_worked_with_is_told_at_the_start() {
        for text in [
            "[providers.a]\nkind = \"opneai\"",
            "[providers.a]\nkynd = \"openai\"",
            "[providers.a]\ntimeouts = { connect = 5 }",
            "[providers.a]\ntimeouts = { total_ms = 0 }",
            "[providers.a]\nconcurrency = 0",
            "[providers.a]\nbase_url = \"https://user:secret@a.b\"",
            "[providers.a]\nbase_url = \"a.b\"",
            "[providers.a]\napi_keys = \"schlüssel\"",
            "[providers.\"a/b\"]\nkind = \"openai\"",
            "[providers.a]\ndiscover = true",
            "[providers.a]\ndiscover = true\nlisted = { tier = \"small\" }",
            "[[providers.a.models]]\ntier = \"small\"",
            "[[providers.a.models]]\nname = \"m\"\nmax_output_tokens = 0",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("[providers.a]\nkind = \"ollama\"").is_ok());
        assert!(read("[providers.a]\ndiscover = true\nlisted.prices = { input = 0, output = 0 }").is_ok());
    }
}
