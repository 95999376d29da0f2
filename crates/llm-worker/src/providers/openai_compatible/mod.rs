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
use ids::{Clock, Ids, Secret};
use reqwest::{Client, Response, header};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::{Built, Problem, Provider, ProviderError, Tools};
use crate::config::{LlmConfig, Prices, Retries};
use crate::domain::answer::{Answer, Reply};
use crate::domain::mask::Mask;
use crate::domain::question::Question;
use crate::domain::{prompt, reply};

pub(super) const NAME: &str = "openai_compatible";

/// An answer of some hundred words is a few kilobytes; a body of more is not read.
const MOST_BODY_BYTES: usize = 1024 * 1024;

struct OpenAiCompatible {
    client: Client,
    url: Url,
    key: Secret,
    model: String,
    settings: request::Settings,
    request_timeout: Duration,
    retries: Retries,
    prices: Prices,
    clock: Clock,
    ids: Ids,
}

pub(super) fn build(config: &LlmConfig, tools: &Tools) -> Built {
    let Some(endpoint) = config.endpoint()? else { return Ok(None) };
    Ok(Some(Arc::new(OpenAiCompatible {
        client: http::client(&endpoint.chat_completions, Duration::from_millis(config.connect_timeout_ms))?,
        url: endpoint.chat_completions,
        key: config.api_key.clone(),
        model: config.model.trim().to_owned(),
        settings: request::Settings::of(config),
        request_timeout: Duration::from_millis(config.request_timeout_ms),
        retries: config.retries,
        prices: config.prices,
        clock: tools.clock.clone(),
        ids: tools.ids.clone(),
    })))
}

#[async_trait]
impl Provider for OpenAiCompatible {
    fn name(&self) -> &'static str {
        NAME
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn answer(&self, question: &Question, deadline: Instant) -> Result<Answer, ProviderError> {
        let mut mask = Mask::default();
        let body = request::body(&self.model, &self.settings, question, &mut mask);
        let mut attempts = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ProviderError { problem: Problem::NoTime, attempts });
            }
            attempts += 1;
            let call = timeout(left.min(self.request_timeout), self.call(&body));
            let problem = match call.await.unwrap_or(Err(Problem::TimedOut)) {
                Ok(completion) => {
                    let reply = match completion.withheld {
                        Some(why) => Reply::Empty(why),
                        None => reply::read(&mask.reveal(&completion.text), prompt::shown(&question.sources)),
                    };
                    return Ok(Answer {
                        reply,
                        cost_micros: self.prices.cost_micros(completion.usage),
                        model: completion.model.unwrap_or_else(|| self.model.clone()),
                        usage: completion.usage,
                        attempts,
                    });
                }
                Err(problem) => problem,
            };
            let pause = self.retries.pause(attempts, self.ids.fraction(), problem.wait());
            let in_time = Instant::now().checked_add(pause).is_some_and(|then| then < deadline);
            if !problem.is_retryable() || attempts >= self.retries.attempts || !in_time {
                return Err(ProviderError { problem, attempts });
            }
            tracing::warn!(
                provider = NAME, attempt = attempts, pause_ms = pause.as_millis() as u64,
                error = %classify::chain(&problem), "a call of the model failed and is repeated"
            );
            sleep(pause).await;
        }
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
