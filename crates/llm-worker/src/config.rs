//! The section `[llm-worker]` of the settings.

mod providers;

use std::collections::BTreeMap;
mod embeddings;
mod knowledge;

use std::path::PathBuf;
use std::time::Duration;

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::embeddings::EmbeddingsConfig;
pub use self::knowledge::KnowledgeConfig;
pub use crate::domain::cost::Prices;
use crate::error::ConfigError;
pub use crate::money::config::MoneyConfig;
pub use crate::routing::RoutingConfig;
pub use providers::{
    Auth, BreakerConfig, Kind, ListedConfig, ModelConfig, ProviderConfig, Terms, Tier, Timeouts,
    TokenizerKind,
};

/// `[llm-worker]`: the questions that go to a language model, and what they may cost.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LlmConfig {
    /// `postgres://role:password@host:port/database`.
    #[serde(skip_serializing)]
    pub database_url: Secret,
    /// Connections to the database at most.
    pub max_connections: u32,
    /// The folder that holds a folder for each bot.
    pub bots_dir: PathBuf,
    /// Where the bot service answers, which is asked for versions of bots. Empty: in this same process.
    pub bot_url: String,
    /// Providers by name, each with its keys, limits and models. The keys `base_url`, `api_key`, `model` and
    /// `prices` beside it are the short way to say one, which is called `default`.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Base address of an OpenAI-compatible provider, such as `https://api.openai.com/v1` or
    /// `http://127.0.0.1:11434/v1`. Empty: answers come from the FAQ and the knowledge of the bot alone.
    pub base_url: String,
    /// The provider's key. May be empty for a server of your own.
    #[serde(skip_serializing)]
    pub api_key: Secret,
    /// The model's name, as the provider spells it.
    pub model: String,
    /// Questions worked on at a time by this process.
    pub concurrency: u16,
    /// Tokens of a prompt at most, whatever the model could take: the rules, what is known of the person, the sources
    /// and the last turns. What does not fit is left out, the oldest turns first.
    pub prompt_tokens: u32,
    /// Calls that programs and services wait for (`/v1/chat/completions`) under way at most in this process; more are
    /// told to come back.
    pub calls: u16,
    /// Tokens of an answer at most. Thoughts count as well.
    pub max_tokens: u32,
    /// What the provider calls that limit: `max_tokens`, or `max_completion_tokens` for OpenAI's newer models.
    pub max_tokens_field: MaxTokensField,
    /// 0 to 2; the lower, the more sober. Below zero it is not sent at all, for models that refuse it.
    pub temperature: f64,
    /// How long a connection to the provider may take to be made, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long one call may take, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long a question may take, repeated calls and pauses included, where it brings no deadline of its
    /// own. In milliseconds.
    pub answer_timeout_ms: u64,
    /// How calls that failed for the moment are repeated.
    pub retries: Retries,
    /// What tokens cost.
    pub prices: Prices,
    /// Whether the FAQ and the knowledge of the bot answer when the provider failed.
    pub fallback_offline: bool,
    /// What answers may cost.
    pub money: MoneyConfig,
    /// Which models are asked.
    pub routing: RoutingConfig,
    /// Who turns texts into vectors, for a search by meaning.
    pub embeddings: EmbeddingsConfig,
    /// The documents that an administrator gives.
    pub knowledge: KnowledgeConfig,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 12,
            bots_dir: PathBuf::from("bots"),
            bot_url: String::new(),
            providers: BTreeMap::new(),
            base_url: String::new(),
            api_key: Secret::default(),
            model: String::new(),
            concurrency: 16,
            prompt_tokens: 12_000,
            calls: 2_000,
            max_tokens: 1_024,
            max_tokens_field: MaxTokensField::MaxTokens,
            temperature: 0.2,
            connect_timeout_ms: 5_000,
            request_timeout_ms: 30_000,
            answer_timeout_ms: 50_000,
            retries: Retries::default(),
            prices: Prices::default(),
            fallback_offline: true,
            money: MoneyConfig::default(),
            routing: RoutingConfig::default(),
            embeddings: EmbeddingsConfig::default(),
            knowledge: KnowledgeConfig::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    #[default]
    MaxTokens,
    MaxCompletionTokens,
}

/// A pause is drawn between nothing and a bound that doubles with each call ("full jitter"), and is never
/// shorter than what the provider asks for. Nothing is repeated past the question's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retries {
    /// Calls for one question at most, the first included.
    pub attempts: u32,
    /// The bound of the first pause, in milliseconds.
    pub first_pause_ms: u64,
    /// The bound that is not doubled any more, in milliseconds.
    pub longest_pause_ms: u64,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 4, first_pause_ms: 500, longest_pause_ms: 8_000 }
    }
}

impl Retries {
    /// The pause after the failed call number `attempt` (from 1). `fraction` is the draw, in `[0, 1)`.
    pub(crate) fn pause(&self, attempt: u32, fraction: f64, least: Duration) -> Duration {
        let doubled = self.first_pause_ms.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        let bound = Duration::from_millis(doubled.min(self.longest_pause_ms));
        bound.mul_f64(fraction.clamp(0.0, 1.0)).max(least)
    }
}

/// What the provider of the short keys is called.
const SHORT: &str = "default";

impl LlmConfig {
    /// Every provider: the one of the short keys first, then the others by name.
    pub(crate) fn all_providers(&self) -> Result<Vec<(&str, ProviderConfig)>, ConfigError> {
        let short = self.short()?.map(|provider| (SHORT, provider));
        let named = self.providers.iter().map(|(name, provider)| (name.as_str(), provider.clone()));
        Ok(short.into_iter().chain(named).collect())
    }

    /// The models that may be asked, as `provider/model`; `provider/*` where a provider is asked for its list.
    ///
    /// # Errors
    /// What is wrong with the section.
    pub fn models(&self) -> Result<Vec<String>, ConfigError> {
        let of = |(name, provider): (&str, ProviderConfig)| {
            let listed = provider.discover.then(|| format!("{name}/*"));
            let models = provider.models.into_iter().map(move |model| format!("{name}/{}", model.name));
            models.chain(listed).collect::<Vec<_>>()
        };
        Ok(self.all_providers()?.into_iter().flat_map(of).collect())
    }

    /// The provider of the short keys, where they are set.
    fn short(&self) -> Result<Option<ProviderConfig>, ConfigError> {
        if self.base_url.trim().is_empty() {
            return Ok(None);
        }
        if self.model.trim().is_empty() {
            return Err(ConfigError::Model);
        }
        if self.providers.contains_key(SHORT) {
            return Err(ConfigError::TwiceDefault);
        }
        let model = ModelConfig {
            name: self.model.trim().to_owned(),
            prices: self.prices,
            max_output_tokens: Some(self.max_tokens),
            takes_temperature: Some(self.temperature >= 0.0),
            ..ModelConfig::default()
        };
        let provider = ProviderConfig {
            kind: Kind::OpenAi,
            base_url: self.base_url.clone(),
            api_keys: self.api_key.clone(),
            timeouts: Timeouts {
                connect_ms: self.connect_timeout_ms,
                first_token_ms: self.request_timeout_ms,
                total_ms: self.request_timeout_ms,
            },
            retries: self.retries,
            max_tokens_field: Some(self.max_tokens_field),
            models: vec![model],
            ..ProviderConfig::default()
        };
        provider.check(SHORT)?;
        // A space in a key is one that was pasted wrongly: here it does not part two keys.
        if self.api_key.expose().contains(char::is_whitespace) {
            return Err(ConfigError::ApiKey);
        }
        Ok(Some(provider))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.concurrency == 0 || self.retries.attempts == 0 || self.max_tokens == 0 {
            return Err(ConfigError::Zero);
        }
        if self.request_timeout_ms == 0 || self.answer_timeout_ms == 0 || self.connect_timeout_ms == 0 {
            return Err(ConfigError::Zero);
        }
        if !self.temperature.is_finite() || self.temperature > 2.0 {
            return Err(ConfigError::Temperature);
        }
        self.routing.check()?;
        self.money.check()?;
        self.providers.iter().try_for_each(|(name, provider)| provider.check(name))?;
        self.short().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(base_url: &str, model: &str, key: &str) -> Result<Option<String>, ConfigError> {
        let config = LlmConfig {
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            api_key: Secret::new(key),
            ..LlmConfig::default()
        };
        config.check()?;
        Ok(config.short()?.map(|provider| provider.base().unwrap().to_string()))
    }

    #[test]
    fn the_short_keys_are_a_provider() {
        let wanted = Some("https://api.example.com/openai/v1".to_owned());
        assert_eq!(with("https://api.example.com/openai/v1", "m", "k").unwrap(), wanted);
        assert_eq!(with(" ", "", "").unwrap(), None);
    }

    #[test]
    fn a_provider_that_can_not_be_called_is_told_at_the_start() {
        assert!(matches!(with("api.example.com/v1", "m", ""), Err(ConfigError::BaseUrl)));
        assert!(matches!(with("ftp://api.example.com", "m", ""), Err(ConfigError::BaseUrl)));
        assert!(matches!(with("https://user:secret@a.b", "m", ""), Err(ConfigError::BaseUrl)));
        assert!(matches!(with("https://a.b", "", ""), Err(ConfigError::Model)));
        assert!(matches!(with("https://a.b", "m", "two\nlines"), Err(ConfigError::ApiKey)));
        assert!(matches!(with("https://a.b", "m", "two keys"), Err(ConfigError::ApiKey)));
        let twice = "base_url = \"https://a.b\"\nmodel = \"m\"\n[providers.default]\nkind = \"ollama\"";
        let twice: LlmConfig = toml::from_str(twice).unwrap();
        assert!(matches!(twice.check(), Err(ConfigError::TwiceDefault)));
    }

    #[test]
    fn a_misspelt_key_and_a_wrong_type_are_refused() {
        assert!(toml::from_str::<LlmConfig>("modle = \"x\"").is_err());
        assert!(toml::from_str::<LlmConfig>("[prices]\ninput = -1").is_err());
        let config: LlmConfig = toml::from_str("model = \"m\"\n[prices]\ninput = 435000").unwrap();
        assert_eq!((config.prices.input, config.retries.attempts), (435_000, 4));
        assert!(LlmConfig { temperature: f64::NAN, ..LlmConfig::default() }.check().is_err());
        assert!(LlmConfig { concurrency: 0, ..LlmConfig::default() }.check().is_err());
    }

    proptest! {
        #[test]
        fn a_pause_is_within_its_bound_and_not_below_what_is_asked(
            attempt in 0u32..50, fraction in 0.0f64..1.0, least in 0u64..60_000,
        ) {
            let retries = Retries::default();
            let least = Duration::from_millis(least);
            let pause = retries.pause(attempt, fraction, least);
            prop_assert!(pause >= least);
            prop_assert!(pause <= Duration::from_millis(retries.longest_pause_ms).max(least));
        }

        #[test]
        fn any_file_is_read_or_refused_without_panic(text in ".{0,200}") {
            if let Ok(config) = toml::from_str::<LlmConfig>(&text) {
                let _ = (config.check(), config.all_providers());
            }
        }

        #[test]
        fn any_address_is_taken_or_refused_without_panic(base in ".{0,60}") {
            let _ = with(&base, "m", "k");
        }
    }
}
