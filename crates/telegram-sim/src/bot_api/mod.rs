//! The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

mod access;
mod call;
mod download;
mod form;
mod markup;
mod methods;
mod params;
mod reply;

pub(crate) use call::{Kill, call_from_webhook, serve};
pub(crate) use form::{WHOLE as LARGEST_REQUEST, read as read_form};
pub(crate) use methods::METHODS;
pub(crate) use params::{Params, Upload};
