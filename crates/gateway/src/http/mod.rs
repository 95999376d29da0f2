//! The gateway's endpoints, one file each.

pub(crate) mod admin;
mod completions;
mod costs;
mod kpi;
mod models;
mod openapi;
mod telegram;

pub(crate) use completions::{Counter, routes as completions};
pub(crate) use costs::{Ledger, routes as costs};
pub(crate) use kpi::{Analytics, routes as kpi};
pub(crate) use models::routes as models;
pub use openapi::document as openapi_document;
pub(crate) use openapi::routes as openapi;
pub(crate) use telegram::routes as telegram;
