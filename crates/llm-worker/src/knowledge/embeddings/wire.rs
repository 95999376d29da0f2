//! One call of an OpenAI-compatible `/embeddings`. What comes back is believed only when it fits what was asked.

use std::time::Duration;

use classify::{Class, Failure};
use ids::Secret;
use reqwest::{Client, StatusCode, header};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::config::EmbeddingsConfig;
use crate::error::LlmError;
use crate::money::estimate;

/// 256 vectors of 16,000 numbers are about 50 MB of text; a body of more is not read.
const MOST_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Where texts are turned into vectors.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    key: Secret,
    model: String,
    dimensions: u16,
    ask_dimensions: bool,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u16>,
}

#[derive(Deserialize)]
struct Response {
    data: Vec<Item>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    total_tokens: u64,
}

impl Endpoint {
    pub(super) fn build(config: &EmbeddingsConfig) -> Result<Option<Self>, LlmError> {
        let Some(url) = config.endpoint()? else { return Ok(None) };
        let builder = outbound::builder()
            .map_err(|error| LlmError::Client(Box::new(error)))?
            .connect_timeout(Duration::from_secs(5))
            .pool_idle_timeout(Duration::from_secs(45));
        // A proxy of the environment does not lead to this same machine.
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        let builder = if here { builder.no_proxy() } else { builder };
        Ok(Some(Self {
            client: builder.build().map_err(|error| LlmError::Client(Box::new(error)))?,
            url,
            key: config.api_key.clone(),
            model: config.model.trim().to_owned(),
            dimensions: config.dimensions,
            ask_dimensions: config.ask_dimensions,
        }))
    }

    /// The vectors of these texts, in their order, and the tokens that were read for it: an estimate where it
    /// is not said.
    /// `Invalid`: the endpoint does not take one of them.
    pub(super) async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, u64), Missed> {
        let read = estimated(texts);
        let body = Request {
            model: &self.model,
            input: texts,
            encoding_format: "float",
            dimensions: self.ask_dimensions.then_some(self.dimensions),
        };
        let mut request =
            self.client.post(self.url.clone()).header(header::ACCEPT, "application/json").json(&body);
        if !self.key.is_empty() {
            request = request.bearer_auth(self.key.expose());
        }
        let sent = request.send().await;
        // Who was not reached has read nothing; who has said nothing, perhaps all.
        let mut response = sent.map_err(|error| {
            let read = if error.is_connect() { 0 } else { read };
            Missed { failure: unreachable(error), read }
        })?;
        let status = response.status();
        if !status.is_success() {
            // Its body may quote the texts.
            let failure = Failure::new(class(status), format!("the embeddings endpoint answered {status}"));
            return Err(Missed { failure, read: 0 });
        }
        let mut body = Vec::new();
        let unusable = |failure| Missed { failure, read };
        while let Some(chunk) = response.chunk().await.map_err(|error| unusable(unreachable(error)))? {
            if body.len() + chunk.len() > MOST_BODY_BYTES {
                return Err(unusable(malformed("it is larger than 64 MiB")));
            }
            body.extend_from_slice(&chunk);
        }
        let response: Response =
            serde_json::from_slice(&body).map_err(|_| unusable(malformed("it is not the JSON expected")))?;
        let tokens = match response.usage.total_tokens {
            0 => read,
            told => told,
        };
        metrics::counter!("dragoman_embedding_tokens_total").increment(tokens);
        let vectors = in_order(response.data, texts.len(), usize::from(self.dimensions));
        Ok((vectors.map_err(|failure| Missed { failure, read: tokens })?, tokens))
    }
}

/// No vectors have come.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) failure: Failure,
    /// Tokens that were read all the same, as far as it is told or can be known: these are paid for.
    pub(super) read: u64,
}

/// Tokens of these texts, where nobody says.
pub(super) fn estimated(texts: &[String]) -> u64 {
    estimate::tokens(texts.iter().map(String::len).sum()).unsigned_abs()
}

/// The vectors by their places: as many as were asked for, each of the right length and with a direction.
fn in_order(items: Vec<Item>, wanted: usize, dimensions: usize) -> Result<Vec<Vec<f32>>, Failure> {
    let mut vectors = vec![Vec::new(); wanted];
    for item in items {
        if item.embedding.len() != dimensions {
            let found = item.embedding.len();
            return Err(Failure::new(
                Class::Permanent,
                format!(
                    "the model gives {found} dimensions and [llm-worker.embeddings] dimensions is {dimensions}"
                ),
            ));
        }
        if !item.embedding.iter().all(|number| number.is_finite())
            || item.embedding.iter().all(|number| *number == 0.0)
        {
            return Err(malformed("a vector has no direction"));
        }
        match vectors.get_mut(item.index) {
            Some(place) if place.is_empty() => *place = item.embedding,
            _ => return Err(malformed("an index is not one of those asked for, or stands twice")),
        }
    }
    if vectors.iter().any(Vec::is_empty) {
        return Err(malformed("a vector is missing"));
    }
    Ok(vectors)
}

fn class(status: StatusCode) -> Class {
    match status.as_u16() {
        400 | 413 | 422 => Class::Invalid,
        408 | 425 | 429 | 500..=599 => Class::Transient,
        _ => Class::Denied,
    }
}

fn malformed(what: &str) -> Failure {
    Failure::new(Class::Transient, format!("the answer of the embeddings endpoint is not usable: {what}"))
}

/// Without the address, which may hold what is nobody's business.
fn unreachable(error: reqwest::Error) -> Failure {
    let error = classify::chain(&error.without_url());
    Failure::new(Class::Transient, format!("the embeddings endpoint does not answer: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(items: &[(usize, &[f32])]) -> Vec<Item> {
        items.iter().map(|(index, numbers)| Item { index: *index, embedding: numbers.to_vec() }).collect()
    }

    #[test]
    fn vectors_are_taken_by_their_index_and_only_whole() {
        let good = in_order(items(&[(1, &[0.0, 1.0]), (0, &[1.0, 0.0])]), 2, 2).unwrap();
        assert_eq!(good, [vec![1.0, 0.0], vec![0.0, 1.0]]);
        for bad in [
            items(&[(0, &[1.0, 0.0])]),
            items(&[(0, &[1.0, 0.0]), (0, &[1.0, 0.0])]),
            items(&[(0, &[1.0, 0.0]), (2, &[1.0, 0.0])]),
            items(&[(0, &[1.0, 0.0]), (1, &[0.0, 0.0])]),
            items(&[(0, &[1.0, 0.0]), (1, &[f32::NAN, 0.0])]),
            items(&[(0, &[1.0, 0.0]), (1, &[1.0])]),
        ] {
            in_order(bad, 2, 2).unwrap_err();
        }
    }
}
