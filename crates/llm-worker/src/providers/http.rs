//! The HTTP connections to a provider: a pool that keeps them, and one call on it.

use std::time::Duration;

use ids::{Clock, Secret};
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use url::{Host, Url};

use super::{Listed, Problem, failure};
use crate::config::Auth;
use crate::error::LlmError;

/// Shorter than servers and their proxies keep an idle connection, so that we are the one who closes.
const IDLE_FOR: Duration = Duration::from_secs(45);
/// The body of an error is short; more of it is not read.
const MOST_OF_AN_ERROR: usize = 64 * 1024;
/// A list of some hundred models.
const MOST_OF_A_LIST: usize = 4 * 1024 * 1024;
/// Models of one list that are looked at.
const MOST_MODELS: usize = 2_000;

/// One address with one key.
pub(super) struct Line {
    pub(super) client: Client,
    /// The address below which everything is.
    pub(super) base: Url,
    pub(super) key: Secret,
    pub(super) auth: Auth,
    pub(super) clock: Clock,
}

impl Line {
    /// Sends a body, and waits for a good status.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, Problem> {
        let body = serde_json::to_vec(body).map_err(|_| Problem::Malformed("the call is no JSON"))?;
        let request = self
            .client
            .post(self.below(path))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream, application/json")
            .body(body);
        self.send(request).await
    }

    /// What `models` below the base lists, or nothing where that is not offered.
    pub(super) async fn models(&self) -> Result<Vec<Listed>, Problem> {
        let request = self.client.get(self.below("models")).header("accept", "application/json");
        let response = match self.send(request).await {
            Err(Problem::NoModel { .. } | Problem::Refused { status: 405 | 501, .. }) => {
                return Ok(Vec::new());
            }
            other => other?,
        };
        let body = bounded(response, MOST_OF_A_LIST).await?;
        let list = failure::json(&body).ok_or(Problem::Malformed("the list of models is not JSON"))?;
        let models = list.get("data").or_else(|| list.get("models")).unwrap_or(&list);
        let models = models.as_array().ok_or(Problem::Malformed("it holds no list of models"))?;
        let listed = models.iter().filter_map(|model| {
            let name = ["id", "name"].iter().find_map(|field| model.get(field)?.as_str())?;
            // Gemini's list has a folder before the name.
            let name = name.strip_prefix("models/").unwrap_or(name);
            let context = ["context_length", "context_window", "max_input_tokens", "max_model_len"];
            let context = context.iter().find_map(|field| model.get(field)?.as_u64());
            let context_tokens = context.and_then(|tokens| u32::try_from(tokens).ok());
            let is_fit = !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control);
            is_fit.then(|| Listed { name: name.to_owned(), context_tokens })
        });
        Ok(listed.take(MOST_MODELS).collect())
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Problem> {
        let request = match self.auth {
            _ if self.key.is_empty() => request,
            Auth::Bearer => request.bearer_auth(self.key.expose()),
            Auth::XApiKey => request.header("x-api-key", self.key.expose()),
        };
        let request = match self.auth {
            Auth::XApiKey => request.header("anthropic-version", "2023-06-01"),
            Auth::Bearer => request,
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let wait = failure::wait(response.headers(), &self.clock);
        // The status says enough where the body was cut.
        let body = bounded(response, MOST_OF_AN_ERROR).await.unwrap_or_default();
        Err(failure::of(status.as_u16(), wait, &body, &self.key))
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

async fn bounded(mut response: Response, most: usize) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| cut(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Problem::Malformed("it is larger than any answer"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Without the address, which may hold what is nobody's business.
fn unreachable(error: reqwest::Error) -> Problem {
    if error.is_timeout() { Problem::TimedOut } else { Problem::Unreachable(error.without_url()) }
}

/// A body that could not be read on.
pub(super) fn cut(error: &reqwest::Error) -> Problem {
    if error.is_timeout() { Problem::TimedOut } else { Problem::Cut }
}

/// A client for the provider at `url`. It follows no redirect (the request holds the key and a person's
/// words), and passes a proxy named in the environment, except on the way to this same machine.
pub(super) fn client(url: &Url, connect_timeout: Duration) -> Result<Client, LlmError> {
    let builder = outbound::builder()
        .map_err(|error| LlmError::Client(Box::new(error)))?
        .connect_timeout(connect_timeout)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(IDLE_FOR);
    let builder = if is_this_machine(url) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| LlmError::Client(Box::new(error)))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
