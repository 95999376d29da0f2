//! One delivery over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ids::Secret;

/// Keeps connections open between deliveries.
#[derive(Clone, Debug)]
pub(crate) struct WebhookClient(Client<HttpConnector, Full<Bytes>>);

/// Where a webhook is, ready to be called. Plain `http` only: the simulator speaks no TLS.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    uri: Option<Uri>,
    secret: Secret,
}

impl Target {
    pub(crate) fn new(url: &str, secret: &Secret) -> Self {
        let uri = url.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("http"));
        Self { uri, secret: secret.clone() }
    }
}

/// Why a delivery does not count.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// As `getWebhookInfo` shows it.
    pub(crate) error: String,
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(error: &str) -> Self {
        Self { error: error.to_owned(), retry_after: None }
    }
}

impl WebhookClient {
    const LONGEST_REPLY: usize = 1 << 20;

    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(10)));
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(100).build(connector);
        Self(client)
    }

    /// Posts an update. Answers with the body of a 2xx when it is JSON: it may hold a method to call.
    pub(crate) async fn deliver(&self, to: &Target, body: Bytes) -> Result<Option<Bytes>, Refusal> {
        let uri =
            to.uri.clone().ok_or_else(|| Refusal::new("the simulator delivers over plain HTTP only"))?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(CONTENT_TYPE, "application/json")
            .header("accept-encoding", "identity");
        if !to.secret.is_empty() {
            request = request.header("x-telegram-bot-api-secret-token", to.secret.expose());
        }
        let request = request.body(Full::new(body)).map_err(|_| Refusal::new("URL is too long"))?;
        let answer = self.0.request(request).await.map_err(|error| {
            Refusal::new(if error.is_connect() { "Connection refused" } else { "Webhook connection closed" })
        })?;
        let (head, body) = answer.into_parts();
        // The body is read to its end, so that the connection can be used again.
        let body =
            Limited::new(body, Self::LONGEST_REPLY).collect().await.map(http_body_util::Collected::to_bytes);
        if head.status.is_success() {
            let json = head
                .headers
                .get(CONTENT_TYPE)
                .and_then(|t| t.to_str().ok())
                .is_some_and(|t| t.contains("json"));
            return Ok(body.ok().filter(|body| json && !body.is_empty()));
        }
        let after =
            head.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse().ok());
        let retry_after = after.filter(|seconds: &u64| *seconds > 0).map(Duration::from_secs);
        Err(Refusal { error: reason(head.status), retry_after })
    }
}

fn reason(status: StatusCode) -> String {
    let words = status.canonical_reason().unwrap_or_default();
    format!("Wrong response from the webhook: {} {words}", status.as_u16())
}
