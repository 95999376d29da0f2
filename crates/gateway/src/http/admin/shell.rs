//! What every page goes out with.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::language::{self, Language};
use super::session::set_cookie;

/// Nothing runs, nothing is loaded from elsewhere, no form goes elsewhere, and nobody shows a page in theirs.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Seconds that a chosen language is kept.
const YEAR: i64 = 365 * 24 * 3600;

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// The headers, whatever the answer; and the language, where one was chosen.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let chosen = Language::chosen(request.uri().query())
        .and_then(|chosen| set_cookie(request.headers(), language::COOKIE, chosen.code(), YEAR));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(cookie) = chosen {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], include_str!("pages/style.css"))
        .into_response()
}
