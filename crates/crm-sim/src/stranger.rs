//! Somebody on the loopback who answers as a test says, for what no CRM would say; and who keeps what was posted.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;

use crate::served::Served;

/// A larger request is none that a client of ours makes.
const LARGEST: usize = 4 << 20;

/// It ends with its value.
pub struct Stranger {
    served: Served,
    posted: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    /// Starts one that answers each path with this status and body.
    pub async fn start(answer: impl Fn(&str) -> (u16, Vec<u8>) + Clone + Send + Sync + 'static) -> Self {
        let posted: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = posted.clone();
        let router = Router::new().fallback(move |request: Request<Body>| {
            let (answer, kept) = (answer.clone(), kept.clone());
            async move {
                let path = request.uri().path().to_owned();
                let body = to_bytes(request.into_body(), LARGEST).await.unwrap_or_default();
                let body = String::from_utf8_lossy(&body).into_owned();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(body);
                let (status, body) = answer(&path);
                crate::served::answer(status, "application/octet-stream", body)
            }
        });
        Self { served: Served::start(router).await, posted }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> &str {
        Served::url(Some(&self.served))
    }

    /// The bodies of all requests, in their order.
    #[must_use]
    pub fn posted(&self) -> Vec<String> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
