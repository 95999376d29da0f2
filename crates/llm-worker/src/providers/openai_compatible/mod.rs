//! Any endpoint that speaks OpenAI's chat completions: OpenAI, DeepSeek, LongCat, Gemini's and Ollama's
//! compatible ones, gateways.

mod failure;
mod http;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream;
use ids::{Clock, Secret};
use reqwest::{Client, Response, header};
use url::Url;

use super::{
    Call, Endpoint, Finish, Listed, Model, ModelId, ModelInfo, Piece, Pieces, Problem, Provider, Tier, Tools,
};
use crate::config::{LlmConfig, MaxTokensField};
use crate::domain::context::kind_of;
use crate::error::LlmError;

/// What the short keys of the settings are called.
const NAME: &str = "default";
/// An answer of some hundred words is a few kilobytes; a body of more is not read.
const MOST_BODY_BYTES: usize = 1024 * 1024;
/// Where nothing is said, what nearly every model has.
const CONTEXT_TOKENS: u32 = 32_768;

struct OpenAiCompatible {
    client: Client,
    url: Url,
    key: Secret,
    limit: MaxTokensField,
    clock: Clock,
}

/// The model of the short keys, where it is configured.
pub(super) fn model(config: &LlmConfig, tools: &Tools) -> Result<Option<Model>, LlmError> {
    let Some(endpoint) = config.endpoint()? else { return Ok(None) };
    let url = endpoint.chat_completions;
    let endpoint = OpenAiCompatible {
        client: http::client(&url, Duration::from_millis(config.connect_timeout_ms))?,
        url,
        key: config.api_key.clone(),
        limit: config.max_tokens_field,
        clock: tools.clock.clone(),
    };
    let provider = Provider {
        name: NAME.to_owned(),
        endpoint: Box::new(endpoint),
        call_timeout: Duration::from_millis(config.request_timeout_ms),
        retries: config.retries,
        ids: tools.ids.clone(),
    };
    let info = ModelInfo {
        id: ModelId::new(NAME, config.model.trim()),
        prices: config.prices,
        context_tokens: CONTEXT_TOKENS,
        max_output_tokens: config.max_tokens,
        tier: Tier::default(),
        tokenizer: kind_of(&config.model),
    };
    Ok(Some(Model { info, provider: Arc::new(provider) }))
}

#[async_trait]
impl Endpoint for OpenAiCompatible {
    async fn open(&self, model: &str, call: &Call) -> Result<Pieces, Problem> {
        let completion = self.call(&request::body(model, self.limit, call)).await?;
        let name = completion.model.map(Piece::Model);
        let pieces =
            [Piece::Text(completion.text), Piece::Usage(completion.usage), Piece::End(completion.finish)];
        Ok(Box::pin(stream::iter(name.into_iter().chain(pieces).map(Ok))))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        Ok(Vec::new())
    }
}

impl OpenAiCompatible {
    async fn call(&self, body: &[u8]) -> Result<response::Completion, Problem> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(body.to_vec());
        if !self.key.is_empty() {
            request = request.bearer_auth(self.key.expose());
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let wait = failure::wait(response.headers(), &self.clock);
        let body = bounded(response).await;
        if !status.is_success() {
            // The status says enough where the body was cut.
            return Err(failure::of(status.as_u16(), wait, &body.unwrap_or_default(), &self.key));
        }
        response::read(&body?, wait, &self.key)
    }
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MOST_BODY_BYTES {
            return Err(Problem::Malformed("it is larger than 1 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Without the address, which may hold what is nobody's business.
fn unreachable(error: reqwest::Error) -> Problem {
    if error.is_timeout() { Problem::TimedOut } else { Problem::Unreachable(error.without_url()) }
}
