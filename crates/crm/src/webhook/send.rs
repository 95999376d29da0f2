use std::time::Duration;

use ids::Timestamp;
use outbound::{AddressGuard, ClientError};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use super::endpoint::Endpoint;

/// Bytes of an answer that are kept for a person to look at.
const KEPT: usize = 2000;

/// Posts signed bodies.
#[derive(Clone, Debug)]
pub(crate) struct Sender(Client);

/// What came of one attempt.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None` where no answer came: whether the endpoint has the lead is unknown, and it knows a repetition
    /// by the webhook's id.
    pub(crate) status: Option<StatusCode>,
    /// What the endpoint asks us to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The begin of the answer, or what went wrong.
    pub(crate) note: String,
}

impl Answer {
    /// Only 2xx. A redirect is a failure and is not followed.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.is_success())
    }

    /// The endpoint says it is gone for good.
    pub(crate) fn is_gone(&self) -> bool {
        self.status == Some(StatusCode::GONE)
    }

    /// The endpoint has too much to do, or did not answer in time.
    pub(crate) fn is_overloaded(&self) -> bool {
        matches!(
            self.status,
            None | Some(
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            )
        )
    }
}

impl Sender {
    pub(crate) fn new(guard: AddressGuard, timeout: Duration) -> Result<Self, ClientError> {
        let client = outbound::builder()?
            .dns_resolver(guard)
            // A proxy would connect for us, and past the guard.
            .no_proxy()
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .timeout(timeout)
            .build()?;
        Ok(Self(client))
    }

    /// One attempt at `now`. `id` is the same in every attempt of a delivery.
    pub(crate) async fn send(&self, endpoint: &Endpoint, id: &str, body: &str, now: Timestamp) -> Answer {
        let mut signatures = Vec::with_capacity(endpoint.keys.len());
        for key in &endpoint.keys {
            match Webhook::new(key.expose()).and_then(|key| key.sign(id, now.as_second(), body.as_bytes())) {
                Ok(signature) => signatures.push(signature),
                // Its shape was checked at the start.
                Err(_) => return failed("the body could not be signed".to_owned()),
            }
        }
        let request = self
            .0
            .post(endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, id)
            .header(HEADER_WEBHOOK_TIMESTAMP, now.as_second())
            .header(HEADER_WEBHOOK_SIGNATURE, signatures.join(" "))
            .body(body.to_owned());
        match request.send().await {
            Ok(mut response) => {
                let (status, retry_after) = (response.status(), retry_after(response.headers()));
                let mut kept = Vec::new();
                while kept.len() < KEPT {
                    match response.chunk().await {
                        Ok(Some(chunk)) => kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]),
                        _ => break,
                    }
                }
                let note = String::from_utf8_lossy(&kept).replace('\0', "");
                Answer { status: Some(status), retry_after, note }
            }
            // The address may hold a secret.
            Err(error) => failed(classify::chain(&error.without_url())),
        }
    }
}

fn failed(note: String) -> Answer {
    Answer { status: None, retry_after: None, note }
}

/// Seconds only; the other form, a date, is rare and its clock is not ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
