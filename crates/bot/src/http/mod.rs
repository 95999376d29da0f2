//! The HTTP side of the bot: files that people sent, for those who may have them.

mod download;
mod give_link;

use axum::Router;
use ids::Clock;
use pg::Pool;
use service_kit::http::ApiToken;

use crate::files::{FilesConfig, Links, Vault};

/// What the endpoints are given.
#[derive(Clone)]
pub(crate) struct Shelf {
    pool: Pool,
    clock: Clock,
    vault: Vault,
    links: Links,
    link_seconds: u32,
    public_url: String,
}

pub(crate) fn routes(pool: Pool, clock: Clock, vault: Vault, config: &FilesConfig) -> Router {
    let shelf = Shelf {
        pool,
        clock,
        vault,
        links: Links::new(config.link_secret.clone()),
        link_seconds: config.link_seconds,
        public_url: config.public_url.trim_end_matches('/').to_owned(),
    };
    let token = ApiToken::any_of([&config.link_token]);
    download::routes(shelf.clone()).merge(give_link::routes(shelf, token))
}
