//! The client against a server that plays every part.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod calls;
mod errors;
mod files;

use ids::Secret;
use telegram::{BotApi, http_client};
use url::Url;
use wiremock::MockServer;

pub(crate) const TOKEN: &str = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

/// A client of a server at this address.
pub(crate) fn api_at(base: &str) -> BotApi {
    let base = Url::parse(base).unwrap();
    BotApi::new(&base, &Secret::new(TOKEN), http_client(&base).unwrap()).unwrap()
}

pub(crate) async fn server() -> (MockServer, BotApi) {
    let server = MockServer::start().await;
    let api = api_at(&server.uri());
    (server, api)
}

/// The path of a method.
pub(crate) fn path_of(method: &str) -> String {
    format!("/bot{TOKEN}/{method}")
}

/// Everything an error can print, through all its sources.
pub(crate) fn all_texts(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {}", classify::chain(error));
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(&format!(" {source} {source:?}"));
        next = source.source();
    }
    text
}
