//! A document from its address. The address is somebody's choice, so everything about the call is bounded: where it
//! may lead (every redirect too), how long it may take, how large it may be, and of what kind.

use std::sync::Arc;
use std::time::Duration;

use classify::{Class, Classify, Failure};
use outbound::{AddressGuard, Forbidden};
use reqwest::{Client, Response, StatusCode, header};
use tokio::time::timeout;
use url::Url;

use super::page::Kind;
use crate::config::KnowledgeConfig;
use crate::error::LlmError;

/// A book is smaller.
pub(crate) const MOST_BYTES: usize = 5 * 1024 * 1024;
const MOST_REDIRECTS: usize = 5;
/// A mark of a version that is longer is not remembered.
const LONGEST_MARK: usize = 1_024;

/// What came of looking at an address.
#[derive(Clone, Debug)]
pub(crate) enum Fetched {
    NotModified,
    Document { kind: Kind, text: String, marks: Marks },
}

/// How a server knows a version of a document again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// Fetches documents.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: Client,
    guard: AddressGuard,
    within: Duration,
}

impl Fetcher {
    pub(crate) fn new(config: &KnowledgeConfig) -> Result<Self, LlmError> {
        let guard = AddressGuard::new(&config.allow_private_addresses);
        let client = outbound::builder()
            .map_err(|error| LlmError::Client(Box::new(error)))?
            .dns_resolver(Arc::new(guard.clone()))
            // A proxy would resolve the names, and reach what we may not.
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| LlmError::Client(Box::new(error)))?;
        Ok(Self { client, guard, within: Duration::from_millis(config.timeout_ms.max(1)) })
    }

    /// The document, unless it is the one that `known` marks. `NotFound`: there is none.
    pub(crate) async fn fetch(&self, url: &Url, known: &Marks) -> Result<Fetched, Failure> {
        let slow = || Failure::new(Class::Transient, "the document took too long to come");
        timeout(self.within, self.follow(url.clone(), known)).await.unwrap_or_else(|_| Err(slow()))
    }

    async fn follow(&self, mut url: Url, known: &Marks) -> Result<Fetched, Failure> {
        for _ in 0..=MOST_REDIRECTS {
            self.guard.check(&url).map_err(|forbidden| Failure::new(forbidden.class(), forbidden))?;
            let mut request = self.client.get(url.clone());
            request = request.header(header::ACCEPT, "text/html, text/markdown, text/plain;q=0.9");
            if let Some(etag) = &known.etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            } else if let Some(since) = &known.last_modified {
                request = request.header(header::IF_MODIFIED_SINCE, since);
            }
            let response = request.send().await.map_err(unreachable)?;
            match response.status() {
                StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
                status if status.is_redirection() => {
                    let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
                    let next = location.and_then(|to| url.join(to).ok());
                    url = next.ok_or_else(|| {
                        Failure::new(Class::Invalid, format!("it answered {status} and led nowhere"))
                    })?;
                }
                status if status.is_success() => return document(response).await,
                status => {
                    return Err(Failure::new(class(status), format!("it answered {status}")));
                }
            }
        }
        Err(Failure::new(Class::Invalid, "it leads from one address to the next without an end"))
    }
}

async fn document(mut response: Response) -> Result<Fetched, Failure> {
    let header = |name: header::HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        (value.len() <= LONGEST_MARK).then(|| value.to_owned())
    };
    let media_type = header(header::CONTENT_TYPE).unwrap_or_default();
    let marks = Marks { etag: header(header::ETAG), last_modified: header(header::LAST_MODIFIED) };
    let kind = Kind::of_media_type(&media_type).ok_or_else(|| {
        let media_type = if media_type.is_empty() { "of no kind that it names" } else { media_type.as_str() };
        Failure::new(
            Class::Invalid,
            format!("it is {media_type}; only HTML, Markdown and plain text are read"),
        )
    })?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Failure::new(Class::Invalid, "it is larger than 5 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched::Document { kind, text: decoded(&body, &media_type), marks })
}

/// The text, in the encoding that the answer or the beginning of the page names, else in UTF-8.
fn decoded(body: &[u8], media_type: &str) -> String {
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        let name = text.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
        let end = name.find(['"', '\'', ' ', ';', '>', '/']).unwrap_or(name.len());
        encoding_rs::Encoding::for_label(&name.as_bytes()[..end])
    };
    let beginning = String::from_utf8_lossy(&body[..body.len().min(1_024)]);
    let encoding = named(media_type).or_else(|| named(&beginning)).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(body).0.into_owned()
}

fn class(status: StatusCode) -> Class {
    match status.as_u16() {
        404 | 410 => Class::NotFound,
        408 | 425 | 429 | 500..=599 => Class::Transient,
        401 | 403 => Class::Denied,
        _ => Class::Invalid,
    }
}

/// Without the address, which may hold what is nobody's business. What the guard refuses is not tried again.
fn unreachable(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        if let Some(forbidden) = one.downcast_ref::<Forbidden>() {
            return Failure::new(Class::Denied, forbidden.clone());
        }
        cause = one.source();
    }
    Failure::new(Class::Transient, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_one_that_is_named() {
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode("Цена");
        assert_eq!(decoded(&cp1251, "text/html; charset=windows-1251"), "Цена");
        let mut page = b"<meta charset=\"windows-1251\">".to_vec();
        page.extend_from_slice(&cp1251);
        assert!(decoded(&page, "text/html").ends_with("Цена"));
        assert_eq!(decoded("Цена".as_bytes(), "text/plain"), "Цена");
        assert_eq!(decoded("Цена".as_bytes(), "text/plain; charset=no-such"), "Цена");
    }
}
