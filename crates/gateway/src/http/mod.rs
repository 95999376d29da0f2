//! The gateway's endpoints, one file each.

mod costs;
mod kpi;
mod openapi;
mod telegram;

pub(crate) use costs::{Ledger, routes as costs};
pub(crate) use kpi::{Analytics, routes as kpi};
pub use openapi::document as openapi_document;
pub(crate) use openapi::routes as openapi;
pub(crate) use telegram::routes as telegram;
