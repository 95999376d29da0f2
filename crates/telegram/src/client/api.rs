//! The client itself: one bot at one server, and the one place where a request goes out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ids::Secret;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::Answer;
use super::error::SendError;
use super::method::Method;

/// How long an ordinary call may take. The server answers within milliseconds or holds on to a request
/// while it is itself busy.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the transfer of a file may take.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(180);
/// The usual size of a `sendMessage` as JSON, reserved so that it is written without growing.
const USUAL_BODY: usize = 512;

/// One bot at one Bot API server. Cheap to clone; every clone uses the same connections.
#[derive(Clone)]
pub struct BotApi {
    http: reqwest::Client,
    inner: Arc<Inner>,
}

struct Inner {
    /// One address per method, in the order of [`Method::ALL`], so that none is put together per call.
    urls: Vec<Url>,
    /// Where files are fetched: `<base>/file/bot<token>/`, as text because the path is put behind it.
    file_base: Secret,
    /// Scheme, host and port, for `Debug`.
    server: String,
    token: Secret,
    call_timeout: Duration,
    upload_timeout: Duration,
}

/// The address of the server and the token together do not make an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address of the bot api server can not be used")]
pub struct BotApiError;

impl classify::Classify for BotApiError {
    fn class(&self) -> classify::Class {
        classify::Class::Invalid
    }
}

impl BotApi {
    /// A client for the bot with this token. `http` should come from [`http_client`](super::http_client).
    pub fn new(api_base: &Url, token: &Secret, http: reqwest::Client) -> Result<Self, BotApiError> {
        let base = api_base.as_str().trim_end_matches('/');
        let token_text = token.expose();
        let urls = Method::ALL
            .iter()
            .map(|method| Url::parse(&format!("{base}/bot{token_text}/{method}")).map_err(|_| BotApiError))
            .collect::<Result<_, _>>()?;
        let inner = Inner {
            urls,
            file_base: Secret::new(format!("{base}/file/bot{token_text}/")),
            server: api_base.origin().ascii_serialization(),
            token: token.clone(),
            call_timeout: CALL_TIMEOUT,
            upload_timeout: UPLOAD_TIMEOUT,
        };
        Ok(Self { http, inner: Arc::new(inner) })
    }

    /// The same client with other limits of time: for an ordinary call, and for one that carries a file.
    #[must_use]
    pub fn with_timeouts(self, call: Duration, upload: Duration) -> Self {
        let old = self.inner;
        let inner = Inner {
            urls: old.urls.clone(),
            file_base: old.file_base.clone(),
            server: old.server.clone(),
            token: old.token.clone(),
            call_timeout: call,
            upload_timeout: upload,
        };
        Self { http: self.http, inner: Arc::new(inner) }
    }

    /// Calls a method with a body that is already JSON: for requests that were stored as such.
    pub async fn call_json(&self, method: Method, body: impl Into<Bytes>) -> Result<Answer, SendError> {
        self.send(method, self.json(method, body.into()).timeout(self.inner.call_timeout)).await
    }

    pub(super) async fn call<P, R>(&self, method: Method, parameters: &P) -> Result<R, SendError>
    where
        P: Serialize + Sync,
        R: DeserializeOwned,
    {
        self.call_within(method, parameters, self.inner.call_timeout).await
    }

    pub(super) async fn call_within<P, R>(
        &self,
        method: Method,
        parameters: &P,
        limit: Duration,
    ) -> Result<R, SendError>
    where
        P: Serialize + Sync,
        R: DeserializeOwned,
    {
        let mut body = Vec::with_capacity(USUAL_BODY);
        serde_json::to_writer(&mut body, parameters).map_err(|error| SendError::Encode(error.into()))?;
        self.send(method, self.json(method, body.into()).timeout(limit)).await?.result()
    }

    pub(super) async fn call_multipart<R: DeserializeOwned>(
        &self,
        method: Method,
        form: reqwest::multipart::Form,
    ) -> Result<R, SendError> {
        let request = self.http.post(self.url(method)).multipart(form).timeout(self.inner.upload_timeout);
        self.send(method, request).await?.result()
    }

    /// A GET of a file by the path that `getFile` gave. The address is checked to stay below the file base.
    pub(super) fn get_file_request(&self, path: &str) -> Result<reqwest::RequestBuilder, SendError> {
        let base = self.inner.file_base.expose();
        let url = Url::parse(&format!("{base}{path}")).ok().filter(|url| url.as_str().starts_with(base));
        let url = url.ok_or_else(|| SendError::Refused("the path of the file is not a path".into()))?;
        Ok(self.http.get(url).timeout(self.inner.upload_timeout))
    }

    fn url(&self, method: Method) -> Url {
        self.inner.urls[method as usize].clone()
    }

    fn json(&self, method: Method, body: Bytes) -> reqwest::RequestBuilder {
        self.http
            .post(self.url(method))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
    }

    async fn send(&self, method: Method, request: reqwest::RequestBuilder) -> Result<Answer, SendError> {
        let result = self.exchange(request).await;
        let outcome = result.as_ref().map_or_else(SendError::as_str, |_| "ok");
        metrics::counter!("dragoman_telegram_calls_total", "method" => method.as_str(), "outcome" => outcome)
            .increment(1);
        result
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Answer, SendError> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let body = response.bytes().await?;
        Answer::read(status, retry_after, body).map_err(|error| self.scrub(error))
    }

    /// Servers quote requests in their errors; ours must not carry the token on.
    fn scrub(&self, error: SendError) -> SendError {
        let token = self.inner.token.expose();
        match error {
            SendError::Refused(text) if text.contains(token) => {
                SendError::Refused(text.replace(token, "***"))
            }
            SendError::Conflict(text) if text.contains(token) => {
                SendError::Conflict(text.replace(token, "***"))
            }
            other => other,
        }
    }
}

impl fmt::Debug for BotApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotApi").field("server", &self.inner.server).finish_non_exhaustive()
    }
}
