//! Somebody on the loopback who answers as a test says, for what no CRM would say; and who keeps what was posted.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::OrPanic;

/// A larger request is none that a client of ours makes.
const LARGEST: usize = 4 << 20;

/// It ends with its value.
pub struct Stranger {
    url: String,
    posted: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Stranger {
    /// Starts one that answers each path with this status and body.
    pub async fn start(answer: impl Fn(&str) -> (u16, Vec<u8>) + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.or_panic("listen on the loopback");
        let address = listener.local_addr().or_panic("find the port of a stranger");
        let posted: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = posted.clone();
        let router = Router::new().fallback(move |request: Request<Body>| {
            let (answer, kept) = (answer.clone(), kept.clone());
            async move {
                let path = request.uri().path().to_owned();
                let body = to_bytes(request.into_body(), LARGEST).await.or_panic("read a request");
                let body = String::from_utf8_lossy(&body).into_owned();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(body);
                let (status, body) = answer(&path);
                Response::builder().status(status).body(Body::from(body)).or_panic("build an answer")
            }
        });
        let serving = async move { axum::serve(listener, router).await.or_panic("serve a stranger") };
        Self { url: format!("http://{address}"), posted, task: tokio::spawn(serving) }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bodies of all requests, in their order.
    #[must_use]
    pub fn posted(&self) -> Vec<String> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.task.abort();
    }
}
