//! The chat page: one page, its styles and scripts, all inside the binary.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::control::App;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Name, type and content of everything the page loads.
const ASSETS: [(&str, &str, &str); 19] = [
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("base.css", CSS, include_str!("base.css")),
    ("sidebar.css", CSS, include_str!("sidebar.css")),
    ("messages.css", CSS, include_str!("messages.css")),
    ("composer.css", CSS, include_str!("composer.css")),
    ("overlays.css", CSS, include_str!("overlays.css")),
    ("api.js", JS, include_str!("api.js")),
    ("app.js", JS, include_str!("app.js")),
    ("composer.js", JS, include_str!("composer.js")),
    ("dom.js", JS, include_str!("dom.js")),
    ("format.js", JS, include_str!("format.js")),
    ("header.js", JS, include_str!("header.js")),
    ("i18n.js", JS, include_str!("i18n.js")),
    ("live.js", JS, include_str!("live.js")),
    ("message.js", JS, include_str!("message.js")),
    ("overlays.js", JS, include_str!("overlays.js")),
    ("sidebar.js", JS, include_str!("sidebar.js")),
    ("store.js", JS, include_str!("store.js")),
    ("timeline.js", JS, include_str!("timeline.js")),
];

const INDEX: &str = include_str!("index.html");

/// Nothing is loaded from elsewhere and no script is written into the page: what people and bots say
/// can not run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router<App> {
    Router::new().route("/", get(index)).route("/page/{name}", get(asset))
}

async fn index() -> Response {
    answer("text/html; charset=utf-8", INDEX)
}

async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, content)) => answer(kind, content),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(kind: &'static str, content: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // The page belongs to the binary that serves it.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, content).into_response()
}
