//! What is known of each kind of provider: which wire format, and which of its dialects.

use std::time::Duration;

use ids::Secret;

use super::anthropic::Anthropic;
use super::http::{self, Line};
use super::offline::Offline;
use super::openai::{Dialect, OpenAi, Schemas};
use super::{Endpoint, Tools};
use crate::config::{Auth, Kind, MaxTokensField, ProviderConfig};
use crate::error::LlmError;

/// An endpoint for each key; one without a key where there is none.
pub(super) fn endpoints(config: &ProviderConfig, tools: &Tools) -> Result<Vec<Box<dyn Endpoint>>, LlmError> {
    if config.kind == Kind::Offline {
        return Ok(vec![Box::new(Offline)]);
    }
    let base = config.base()?;
    let client = http::client(&base, Duration::from_millis(config.timeouts.connect_ms))?;
    let is_anthropic = config.kind == Kind::Anthropic;
    let usual = if is_anthropic { Auth::XApiKey } else { Auth::Bearer };
    let mut keys = config.keys();
    if keys.is_empty() {
        keys.push(Secret::default());
    }
    let endpoint = |key| -> Box<dyn Endpoint> {
        let line = Line {
            client: client.clone(),
            base: base.clone(),
            key,
            auth: config.auth.unwrap_or(usual),
            clock: tools.clock.clone(),
        };
        if is_anthropic {
            Box::new(Anthropic { line })
        } else {
            Box::new(OpenAi { line, dialect: dialect(config) })
        }
    };
    Ok(keys.into_iter().map(endpoint).collect())
}

fn dialect(config: &ProviderConfig) -> Dialect {
    let is_openai_itself = config.kind == Kind::OpenAi && config.base_url.trim().is_empty();
    let limit =
        if is_openai_itself { MaxTokensField::MaxCompletionTokens } else { MaxTokensField::MaxTokens };
    Dialect {
        max_tokens: config.max_tokens_field.unwrap_or(limit),
        stream_usage: config.stream_usage,
        schemas: match config.kind {
            Kind::OpenAi | Kind::Gemini | Kind::Ollama => Schemas::Schema,
            Kind::DeepSeek => Schemas::Object,
            Kind::LongCat | Kind::Anthropic | Kind::Offline => Schemas::None,
        },
        hottest: if config.kind == Kind::LongCat { 1.0 } else { 2.0 },
        thoughts: matches!(config.kind, Kind::DeepSeek | Kind::LongCat),
    }
}
