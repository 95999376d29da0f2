//! `[llm-worker.embeddings]`: who turns texts into vectors.

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::ConfigError;

/// `[llm-worker.embeddings]`: a model that turns texts into vectors, so that a question is found whose words nobody
/// used before. Without it the knowledge is searched by its words alone.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingsConfig {
    /// Base address of an OpenAI-compatible endpoint, such as `http://127.0.0.1:11434/v1`. Empty: no vectors.
    pub base_url: String,
    /// The endpoint's key. May be empty for a server of your own.
    #[serde(skip_serializing)]
    pub api_key: Secret,
    /// The model's name, as the endpoint spells it. Another one means that everything is computed anew.
    pub model: String,
    /// How many numbers a vector of this model has.
    pub dimensions: u16,
    /// Whether that number is asked for, which only models understand that can shorten their vectors.
    pub ask_dimensions: bool,
    /// What a million tokens cost, in millionths of a US dollar: $0.02 is 20000. Zero: nothing, or you do not count.
    pub price: u32,
    /// Texts in one call.
    pub batch: u16,
    /// How long one call for passages may take, in milliseconds.
    pub timeout_ms: u64,
    /// How long a question waits for its vector; then it is searched by its words alone. In milliseconds.
    pub question_timeout_ms: u64,
    /// Some models want a word before what is asked, such as `query: `.
    pub question_prefix: String,
    /// And before what is searched, such as `passage: `.
    pub passage_prefix: String,
    /// The cosine from which a passage is shown to a language model. A matter of the model:
    /// try with `dragoman knowledge search`.
    pub worth_similarity: f32,
    /// The cosine from which a passage may be passed on as the answer.
    pub sure_similarity: f32,
}

impl Default for EmbeddingsConfig {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            api_key: Secret::default(),
            model: String::new(),
            dimensions: 1_536,
            ask_dimensions: false,
            price: 0,
            batch: 64,
            timeout_ms: 30_000,
            question_timeout_ms: 800,
            question_prefix: String::new(),
            passage_prefix: String::new(),
            worth_similarity: 0.35,
            sure_similarity: 0.80,
        }
    }
}

/// What pgvector keeps in one value.
const MOST_DIMENSIONS: u16 = 16_000;

impl EmbeddingsConfig {
    /// Where texts are sent, or `None` where nobody is configured.
    pub(crate) fn endpoint(&self) -> Result<Option<Url>, ConfigError> {
        let base = self.base_url.trim();
        if base.is_empty() {
            return Ok(None);
        }
        let mut url = Url::parse(base).map_err(|_| ConfigError::Embeddings)?;
        let usable = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && !self.model.trim().is_empty()
            && (1..=MOST_DIMENSIONS).contains(&self.dimensions)
            && self.batch > 0
            && self.timeout_ms > 0
            && (0.0..1.0).contains(&self.worth_similarity)
            && self.worth_similarity < self.sure_similarity
            && self.sure_similarity <= 1.0
            && self.api_key.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte));
        if !usable {
            return Err(ConfigError::Embeddings);
        }
        let path = format!("{}/embeddings", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Some(url))
    }

    /// What must be the same for two vectors to be compared.
    pub(crate) fn space(&self) -> String {
        format!("{}@{}{}", self.model.trim(), self.dimensions, self.passage_prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base_url: &str, model: &str) -> EmbeddingsConfig {
        EmbeddingsConfig {
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            ..EmbeddingsConfig::default()
        }
    }

    #[test]
    fn an_endpoint_that_can_not_be_called_is_told_at_the_start() {
        assert_eq!(config("", "").endpoint().unwrap(), None);
        let url = config("http://127.0.0.1:11434/v1/", "m").endpoint().unwrap().unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:11434/v1/embeddings");
        for wrong in [config("127.0.0.1/v1", "m"), config("https://a.b", " "), config("ftp://a.b", "m")] {
            assert!(matches!(wrong.endpoint(), Err(ConfigError::Embeddings)));
        }
        let swapped = EmbeddingsConfig { sure_similarity: 0.2, ..config("https://a.b", "m") };
        assert!(swapped.endpoint().is_err());
    }
}
