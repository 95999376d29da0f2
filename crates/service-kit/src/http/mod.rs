//! The HTTP side of a process: what an endpoint takes and gives, who may call it, and what is measured.

mod auth;
mod extract;
mod observe;
mod pages;
mod readiness;
mod serve;

pub use auth::{ApiToken, Bearer, require_token};
pub use extract::{Json, Path, Query};

pub(crate) use auth::guard_grpc;
pub(crate) use observe::panic_text;
pub(crate) use observe::{Observer, observe};
pub(crate) use pages::{no_such_method, pages};
pub(crate) use readiness::Readiness;
pub(crate) use serve::{bind, serve};
