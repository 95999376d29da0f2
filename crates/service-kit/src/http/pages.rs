//! The pages of the process itself: `/health/live`, `/health/ready`, `/metrics`, and the answers to what no
//! role serves.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use classify::Class;
use futures::future::join_all;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::telemetry::Metrics;
use crate::{Check, Problem};

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What decides whether the process is ready.
#[derive(Clone)]
pub(crate) struct Readiness {
    checks: Arc<[(&'static str, Check)]>,
    stopping: CancellationToken,
}

#[derive(Serialize)]
struct Page {
    status: &'static str,
    checks: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    role: &'static str,
    check: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Readiness {
    pub(crate) fn new(checks: Vec<(&'static str, Check)>, stopping: CancellationToken) -> Self {
        Self { checks: checks.into(), stopping }
    }

    async fn page(&self) -> (StatusCode, Page) {
        let run = |(role, check): &(&'static str, Check)| {
            let (role, name, running) = (*role, check.name, check.start());
            async move {
                let error = match tokio::time::timeout(PATIENCE, running).await {
                    Ok(Ok(())) => None,
                    Ok(Err(text)) => Some(text),
                    Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
                };
                Line { role, check: name, ok: error.is_none(), error }
            }
        };
        let checks = join_all(self.checks.iter().map(run)).await;
        let status = match () {
            () if self.stopping.is_cancelled() => "stopping",
            () if checks.iter().all(|line| line.ok) => "ready",
            () => "not ready",
        };
        let code = if status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (code, Page { status, checks })
    }
}

/// These pages, and the fallback for the whole process.
pub(crate) fn pages(readiness: Readiness, metrics: Metrics) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready).with_state(readiness))
        .route("/metrics", get(measures).with_state(metrics))
        .fallback(unknown)
}

async fn live() -> Response {
    axum::Json(serde_json::json!({ "status": "live" })).into_response()
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let (status, page) = readiness.page().await;
    (status, axum::Json(page)).into_response()
}

async fn measures(State(metrics): State<Metrics>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}

async fn unknown() -> Problem {
    Problem::new(Class::NotFound, "nothing is served at this address")
}

/// The answer to a method that a route does not have.
pub(crate) async fn no_such_method() -> Problem {
    Problem::new(Class::Invalid, "the address does not take this method")
        .with_status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readiness(checks: Vec<(&'static str, Check)>) -> (Readiness, CancellationToken) {
        let stopping = CancellationToken::new();
        (Readiness::new(checks, stopping.clone()), stopping)
    }

    #[tokio::test(start_paused = true)]
    async fn every_check_is_listed_and_one_that_fails_or_hangs_is_enough() {
        let good = || ("bot", Check::new("postgres", || async { Ok(()) }));
        let (ready, stopping) = readiness(vec![good()]);
        assert_eq!(ready.page().await.0, StatusCode::OK);
        stopping.cancel();
        assert_eq!(ready.page().await.0, StatusCode::SERVICE_UNAVAILABLE);

        let bad = ("bot", Check::new("nats", || async { Err("not connected".to_owned()) }));
        let hangs = ("crm", Check::new("postgres", std::future::pending));
        let (ready, _stopping) = readiness(vec![good(), bad, hangs]);
        let (status, page) = ready.page().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        insta::assert_json_snapshot!(page, @r#"
        {
          "status": "not ready",
          "checks": [
            {
              "role": "bot",
              "check": "postgres",
              "ok": true
            },
            {
              "role": "bot",
              "check": "nats",
              "ok": false,
              "error": "not connected"
            },
            {
              "role": "crm",
              "check": "postgres",
              "ok": false,
              "error": "no answer within 2 s"
            }
          ]
        }
        "#);
    }
}
