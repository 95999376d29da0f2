//! The admin pages: HTML from here, forms that work without a script, nothing loaded from elsewhere. They keep who has signed
//! in and nothing else; what they show and change is asked of the service that owns it.

mod accounts;
mod form;
mod history;
mod language;
mod mapping;
mod mappings;
mod pages;
mod refusal;
mod session;
mod shell;
mod sign_in;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Router, middleware};
use ids::{Clock, Ids, Secret};
use pg::Pool;
use service_kit::http::ApiToken;
use sha2::{Digest, Sha256};

pub(crate) use mappings::Mappings;

/// What the pages are given.
pub(crate) struct Admin {
    token: ApiToken,
    /// Of the token: a part of every session, so that another token ends them.
    key: [u8; 32],
    mappings: Mappings,
    pool: Pool,
    clock: Clock,
    ids: Ids,
}

impl Admin {
    pub(crate) fn new(token: &Secret, mappings: Mappings, pool: Pool, clock: Clock, ids: Ids) -> Self {
        let key = Sha256::digest(token.expose()).into();
        Self { token: ApiToken::any_of([token]), key, mappings, pool, clock, ids }
    }
}

pub(crate) fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/admin", get(accounts::show))
        .route("/admin/style.css", get(shell::style))
        .route("/admin/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/crm/{account}", get(mapping::show).post(mapping::act))
        .route("/admin/crm/{account}/history", get(history::show).post(history::again))
        .layer(middleware::from_fn(shell::dress))
        .with_state(Arc::new(admin))
}
