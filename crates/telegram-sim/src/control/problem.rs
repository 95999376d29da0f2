//! How the control API says no: `{"error":"…"}` with a fitting status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use classify::{Class, Classify, chain};

pub(super) struct Problem(StatusCode, String);

impl Problem {
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, text.into())
    }
}

impl<E: Classify> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = match error.class() {
            Class::Transient => StatusCode::SERVICE_UNAVAILABLE,
            Class::Conflict => StatusCode::CONFLICT,
            Class::NotFound => StatusCode::NOT_FOUND,
            Class::Invalid => StatusCode::BAD_REQUEST,
            Class::Denied => StatusCode::FORBIDDEN,
            Class::Permanent => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self(status, chain(&error))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(serde_json::json!({ "error": self.1 }))).into_response()
    }
}
