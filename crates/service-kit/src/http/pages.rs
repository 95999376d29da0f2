//! The pages of the process itself: `/health/live`, `/health/ready`, `/metrics`, and the answers to what no
//! role serves.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use classify::Class;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::readiness::Readiness;
use crate::Problem;
use crate::telemetry::Metrics;

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
