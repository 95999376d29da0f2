//! What happens to every request of a role: its trace, its span, its measures, and an answer even when its
//! handler panics.

use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use classify::{Class, Failure};
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ids::{Ids, TraceParent};
use metrics::{Counter, Histogram};
use tracing::{Instrument, Span};

use crate::{Problem, telemetry};

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// The label of whatever matched no route, so that strangers can not make up series.
const UNMATCHED: &str = "unmatched";

/// One role's requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Observer(Arc<Inner>);

struct Inner {
    role: &'static str,
    ids: Ids,
    exports: bool,
    routes: RwLock<HashMap<Box<str>, Arc<Route>>>,
}

/// The handles of one route's metrics. Looking a handle up by its labels would cost more than the rest.
struct Route {
    seconds: Histogram,
    answers: RwLock<Vec<(&'static str, u16, Counter)>>,
}

impl Observer {
    pub(crate) fn new(role: &'static str, ids: Ids) -> Self {
        Self(Arc::new(Inner { role, ids, exports: telemetry::exports(), routes: RwLock::default() }))
    }

    /// The request's span, and the trace that its events and calls carry on.
    fn open(&self, headers: &HeaderMap, method: &'static str, route: &str) -> (Span, TraceParent) {
        let sent =
            headers.get("traceparent").and_then(|v| v.to_str().ok()).and_then(|text| text.parse().ok());
        if !self.0.exports {
            let trace = sent.unwrap_or_else(|| self.0.ids.trace());
            return (tracing::info_span!("http", traceparent = %trace, method, route), trace);
        }
        // The exported span gets its own id, and that is what the work behind it is a child of.
        let span = match sent {
            Some(trace) => tracing::info_span!("http", traceparent = %trace, method, route),
            None => tracing::info_span!("http", traceparent = tracing::field::Empty, method, route),
        };
        let own = telemetry::of_span(&span);
        let trace = own.or(sent).unwrap_or_else(|| self.0.ids.trace());
        if sent.is_none() {
            span.record("traceparent", tracing::field::display(trace));
        }
        (span, trace)
    }

    fn route(&self, path: &str) -> Arc<Route> {
        let known = self.0.routes.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        known.unwrap_or_else(|| {
            let role = self.0.role;
            let route = Arc::new(Route {
                seconds: metrics::histogram!("dragoman_http_request_seconds", "role" => role, "route" => path.to_owned()),
                answers: RwLock::default(),
            });
            let mut routes = self.0.routes.write().unwrap_or_else(PoisonError::into_inner);
            routes.entry(path.into()).or_insert(route).clone()
        })
    }

    fn count(&self, path: &str, method: &'static str, status: u16, started: Instant) {
        let route = self.route(path);
        route.seconds.record(started.elapsed());
        let answers = route.answers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., counter)) = answers.iter().find(|(m, s, _)| *m == method && *s == status) {
            counter.increment(1);
            return;
        }
        drop(answers);
        let counter = metrics::counter!(
            "dragoman_http_requests_total",
            "role" => self.0.role,
            "route" => path.to_owned(),
            "method" => method,
            "status" => status.to_string(),
        );
        counter.increment(1);
        let mut answers = route.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.push((method, status, counter));
    }
}

/// The middleware. Handlers find their trace as `Extension<TraceParent>`.
pub(crate) async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let path = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let (span, trace) = observer.open(request.headers(), method, path);
    request.extensions_mut().insert(trace);

    let answered = AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let mut response = match answered {
        Ok(response) => response,
        Err(panic) => span.in_scope(|| {
            let text = format!("the handler panicked: {}", panic_text(panic.as_ref()));
            Problem::of(&Failure::new(Class::Permanent, text)).into_response()
        }),
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        // What a caller can name when it complains, to be found in the logs.
        let id = format!("{:032x}", trace.trace_id());
        response.headers_mut().extend(HeaderValue::from_str(&id).ok().map(|value| (TRACE_ID, value)));
    }
    observer.count(path, method, status.as_u16(), started);
    tracing::debug!(parent: &span, status = status.as_u16(), ms = started.elapsed().as_millis() as u64, "answered");
    response
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use axum::{Extension, Router, middleware};
    use tower::ServiceExt;

    fn routes(role: &'static str) -> Router {
        async fn trace(Extension(trace): Extension<TraceParent>) -> String {
            trace.to_string()
        }
        async fn panics() -> &'static str {
            panic!("hunter2")
        }
        Router::new()
            .route("/trace/{name}", get(trace))
            .route("/panics", get(panics))
            .layer(middleware::from_fn_with_state(Observer::new(role, Ids::system()), observe))
    }

    async fn ask(routes: Router, path: &str, trace: Option<&str>) -> (u16, HeaderMap, String) {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        if let Some(trace) = trace {
            request.headers_mut().insert("traceparent", trace.parse().unwrap());
        }
        let (head, body) = routes.oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_trace_is_taken_over_or_begun() {
        let sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(ask(routes("a"), "/trace/x", Some(sent)).await.2, sent);
        let begun = ask(routes("a"), "/trace/x", Some("nonsense")).await.2;
        assert!(begun.parse::<TraceParent>().is_ok(), "{begun}");
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_its_text_stays_inside() {
        let (status, headers, body) = ask(routes("b"), "/panics", None).await;
        assert_eq!((status, headers[TRACE_ID].len()), (500, 32));
        assert!(!body.contains("hunter2"), "{body}");
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_and_not_by_path() {
        let page = telemetry::metrics();
        let routes = routes("observe-test");
        for path in ["/trace/one", "/trace/two", "/panics"] {
            ask(routes.clone(), path, None).await;
        }
        let text = page.render();
        for line in [
            r#"dragoman_http_requests_total{role="observe-test",route="/trace/{name}",method="GET",status="200"} 2"#,
            r#"dragoman_http_requests_total{role="observe-test",route="/panics",method="GET",status="500"} 1"#,
            r#"dragoman_http_request_seconds_count{role="observe-test",route="/trace/{name}"} 2"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
