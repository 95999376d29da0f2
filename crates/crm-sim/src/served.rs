//! A server on a free port of the loopback, and what all of them answer with.
#![expect(clippy::panic, reason = "a test that can not be set up ends with a sentence")]

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// It ends with its value.
pub(crate) struct Served {
    url: String,
    task: JoinHandle<()>,
}

impl Served {
    /// Ends the test where there is no loopback.
    pub(crate) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.unwrap_or_else(|error| panic!("could not listen on the loopback: {error}"));
        let address = listener.local_addr();
        let address = address.unwrap_or_else(|error| panic!("could not find the port of a server: {error}"));
        let serving = async move {
            // It ends when it is aborted, and never by itself.
            let _ = axum::serve(listener, router).await;
        };
        Self { url: format!("http://{address}"), task: tokio::spawn(serving) }
    }

    /// `http://127.0.0.1:port`; empty where nobody serves.
    pub(crate) fn url(served: Option<&Self>) -> &str {
        served.map_or("", |served| served.url.as_str())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with this status and type of body.
pub(crate) fn answer(status: u16, media_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
