//! The HTTP side of the service: what CRMs tell of their own accord.

mod deal_hook;

pub(crate) use deal_hook::{Desk, routes};
