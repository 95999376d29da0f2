//! An endpoint: it keeps what it is sent, answers as it is told, and knows the standard from another source
//! than the sender.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use standardwebhooks::Webhook;
use tokio::sync::Notify;

/// How to answer one call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Say {
    Status(u16),
    /// A status and `Retry-After`, in seconds.
    Later(u16, u64),
    /// A redirect to `/elsewhere` of this same server.
    Elsewhere,
    /// A redirect to another port of this machine.
    To(u16),
    /// Nothing, for longer than anyone waits.
    Nothing,
    /// This status, when the test lets it go.
    Held(u16),
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) at: Instant,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Clone, Default)]
pub(crate) struct Receiver {
    port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
    says: Arc<Mutex<VecDeque<Say>>>,
    never: Arc<Notify>,
    held: Arc<Notify>,
}

impl Receiver {
    /// Listens on a free port; answers in this order and then 200.
    pub(crate) async fn start(says: &[Say]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Arc::new(Mutex::new(says.iter().copied().collect()));
        let receiver = Self { port, says, ..Self::default() };
        let app = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it is called.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Answers one call that it holds.
    pub(crate) fn let_go(&self) {
        self.held.notify_one();
    }

    /// Waits until it was called so often.
    pub(crate) async fn called(&self, times: usize) -> Vec<Call> {
        let called = async || Some(self.calls()).filter(|calls| calls.len() >= times);
        testkit::until(&format!("the endpoint is called {times} times"), called).await
    }
}

async fn answer(
    State(receiver): State<Receiver>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call { path: uri.path().to_owned(), at: Instant::now(), headers, body };
    receiver.calls.lock().unwrap().push(call);
    let say = receiver.says.lock().unwrap().pop_front().unwrap_or(Say::Status(200));
    let status = |code| StatusCode::from_u16(code).unwrap();
    match say {
        Say::Status(code) => (status(code), "said \0 so").into_response(),
        Say::Later(code, seconds) => (status(code), [("retry-after", seconds.to_string())]).into_response(),
        Say::Elsewhere => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
        Say::To(port) => {
            let to = format!("http://127.0.0.1:{port}/hook");
            (StatusCode::FOUND, [("location", to)]).into_response()
        }
        Say::Nothing => {
            receiver.never.notified().await;
            StatusCode::OK.into_response()
        }
        Say::Held(code) => {
            receiver.held.notified().await;
            status(code).into_response()
        }
    }
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Whether the standard's own library accepts the signature with this secret.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(&self.body, &self.headers).is_ok()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
