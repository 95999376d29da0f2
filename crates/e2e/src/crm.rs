use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;
use standardwebhooks::Webhook;
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What the CRM and we both know.
const SECRET: &str = "whsec_ZW5kLXRvLWVuZC10ZXN0cy1zaGFyZS10aGlzLW9uZQ==";

/// A CRM that takes leads as the standard says.
#[derive(Debug)]
pub struct Crm {
    server: MockServer,
    status: Arc<AtomicU16>,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub webhook_id: String,
    pub body: Value,
}

impl Crm {
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let status = Arc::new(AtomicU16::new(204));
        let says = Arc::clone(&status);
        let answer = move |_: &Request| ResponseTemplate::new(says.load(Ordering::SeqCst));
        let post = Mock::given(method("POST")).and(header("content-type", "application/json"));
        post.respond_with(answer).mount(&server).await;
        Self { server, status }
    }

    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    #[must_use]
    pub fn secret(&self) -> &'static str {
        SECRET
    }

    /// From now on it answers so.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Every call so far, oldest first, each with a signature that the standard's own library accepts.
    pub async fn received(&self) -> Vec<Received> {
        let key = Webhook::new(SECRET).unwrap();
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(|request| read(&key, request)).collect()
    }

    /// Waits for the lead of a person; it has to be the only one.
    pub async fn lead_of(&self, user: i64) -> Received {
        let of_user = async || {
            let received = self.received().await;
            let mut leads =
                received.into_iter().filter(|r| r.body["data"]["contact"]["telegram_user_id"] == user);
            let lead = leads.next();
            assert!(leads.next().is_none(), "the CRM was sent the lead of {user} twice");
            lead
        };
        testkit::until("the lead reaches the CRM", of_user).await
    }
}

fn read(key: &Webhook, request: &Request) -> Received {
    key.verify(&request.body, &request.headers).expect("the signature of a webhook is right");
    let tampered = [request.body.as_slice(), b" "].concat();
    key.verify(&tampered, &request.headers).expect_err("the signature is of this body alone");
    let webhook_id = request.headers.get("webhook-id").unwrap().to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&request.body).unwrap();
    Received { path: request.url.path().to_owned(), webhook_id, body }
}
