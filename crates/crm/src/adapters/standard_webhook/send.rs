use std::time::Duration;

use ids::{Pii, Timestamp};
use outbound::{AddressGuard, ClientError};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use super::endpoint::Endpoint;

/// Bytes of an answer that are kept for a person to look at.
const KEPT: usize = 2000;

/// Posts signed bodies.
#[derive(Clone, Debug)]
pub(crate) struct Sender(Client);

/// What came of one attempt.
#[derive(Debug)]
pub(crate) enum Answer {
    Answered {
        status: StatusCode,
        /// What the endpoint asks us to wait.
        retry_after: Option<Duration>,
        /// The begin of the answer. An endpoint may repeat in it what it was sent.
        said: Pii<String>,
    },
    /// It went out and no answer came: whether the endpoint has the lead is unknown, and it knows a
    /// repetition by the webhook's id.
    Unknown(String),
    /// There was no connection, or none that may be made.
    NotSent(String),
}

impl Answer {
    /// Only 2xx. A redirect is a failure and is not followed.
    pub(crate) fn is_success(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// The endpoint says it is gone for good.
    pub(crate) fn is_gone(&self) -> bool {
        self.status() == Some(StatusCode::GONE)
    }

    /// The endpoint has too much to do, or did not answer in time.
    pub(crate) fn is_overloaded(&self) -> bool {
        match self {
            Self::Answered { status, .. } => matches!(
                *status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            Self::Unknown(_) => true,
            Self::NotSent(_) => false,
        }
    }

    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Unknown(_) | Self::NotSent(_) => None,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answered { retry_after, .. } => *retry_after,
            Self::Unknown(_) | Self::NotSent(_) => None,
        }
    }

    /// The word for the log of attempts and the metric.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Answered { .. } if self.is_success() => "delivered",
            Self::Answered { .. } => "refused",
            Self::Unknown(_) => "unknown",
            Self::NotSent(_) => "not_sent",
        }
    }

    /// For a person to look at.
    pub(crate) fn note(&self) -> Pii<String> {
        match self {
            Self::Answered { said, .. } => said.clone(),
            Self::Unknown(why) | Self::NotSent(why) => Pii::new(why.clone()),
        }
    }
}

/// Calls only what the guard lets through, and waits so long for an answer.
pub(crate) fn client(guard: &AddressGuard, timeout: Duration) -> Result<Client, ClientError> {
    let client = outbound::builder()?
        .dns_resolver(guard.clone())
        // A proxy would connect for us, and past the guard.
        .no_proxy()
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .timeout(timeout)
        .build()?;
    Ok(client)
}

impl Sender {
    pub(crate) const fn new(client: Client) -> Self {
        Self(client)
    }

    /// One attempt at `now`. `id` is the same in every attempt of a delivery.
    pub(crate) async fn send(&self, endpoint: &Endpoint, id: &str, body: &str, now: Timestamp) -> Answer {
        let mut signatures = Vec::with_capacity(endpoint.keys.len());
        for key in &endpoint.keys {
            match Webhook::new(key.expose()).and_then(|key| key.sign(id, now.as_second(), body.as_bytes())) {
                Ok(signature) => signatures.push(signature),
                // Its shape was checked at the start.
                Err(_) => return Answer::NotSent("the body could not be signed".to_owned()),
            }
        }
        let request = self
            .0
            .post(endpoint.url.clone())
            .headers(endpoint.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, id)
            .header(HEADER_WEBHOOK_TIMESTAMP, now.as_second())
            .header(HEADER_WEBHOOK_SIGNATURE, signatures.join(" "))
            .body(body.to_owned());
        match request.send().await {
            Ok(response) => {
                let (status, retry_after) = (response.status(), retry_after(response.headers()));
                Answer::Answered { status, retry_after, said: begin_of(response).await }
            }
            Err(error) => {
                let sent = !(error.is_connect() || error.is_builder());
                // The address may hold a secret.
                let why = classify::chain(&error.without_url());
                if sent { Answer::Unknown(why) } else { Answer::NotSent(why) }
            }
        }
    }
}

/// The first bytes of an answer; what follows is not read.
async fn begin_of(mut response: Response) -> Pii<String> {
    let mut kept = Vec::new();
    while kept.len() < KEPT
        && let Ok(Some(chunk)) = response.chunk().await
    {
        kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
    }
    // Postgres keeps no zero in a text.
    Pii::new(String::from_utf8_lossy(&kept).replace('\0', ""))
}

/// Seconds only; the other form, a date, is rare and its clock is not ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::standard_webhook::{Endpoints, ssrf};
    use tokio::net::TcpListener;

    /// An endpoint at an address that the check at the start has let through.
    fn endpoint(url: &str) -> Endpoints {
        let guard = AddressGuard::new(&["127.0.0.0/8".parse().unwrap()]);
        Endpoints::new(&[ssrf::endpoint(url)], &guard).unwrap()
    }

    async fn send(endpoints: &Endpoints, guard: AddressGuard) -> Answer {
        let sender = Sender::new(client(&guard, Duration::from_secs(5)).unwrap());
        sender.send(endpoints.get("a").unwrap(), "id", "{}", Timestamp::UNIX_EPOCH).await
    }

    #[tokio::test]
    async fn a_name_that_has_come_to_mean_our_own_network_is_not_called() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoints = endpoint(&format!("http://localhost:{port}/hunter2"));
        let answer = send(&endpoints, AddressGuard::default()).await;
        let Answer::NotSent(why) = answer else { panic!("{answer:?}") };
        assert!(why.contains("private network") && !why.contains("hunter2"), "{why}");
        let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "a connection was made");
    }

    #[tokio::test]
    async fn who_does_not_listen_was_not_sent_anything() {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let answer =
            send(&endpoint(&format!("http://127.0.0.1:{port}/hunter2")), AddressGuard::default()).await;
        let Answer::NotSent(why) = &answer else { panic!("{answer:?}") };
        assert!(!why.contains("hunter2"), "{why}");
        assert!(!answer.is_overloaded() && !answer.is_success());
    }

    #[test]
    fn what_an_endpoint_says_is_not_printed() {
        let said = Pii::new("Ivan, +7 912".to_owned());
        let answer = Answer::Answered { status: StatusCode::OK, retry_after: None, said };
        assert!(!format!("{answer:?}").contains("Ivan"));
        assert!(answer.is_success());
    }
}
