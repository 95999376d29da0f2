//! Standard Webhooks 1.0.0: the body, the signature, the schedule, what an answer means.

mod body;
mod endpoint;
mod handoff;
mod headers;
mod line;
mod schedule;
mod send;
#[cfg(test)]
mod ssrf;

pub(crate) use body::{LEAD_CREATED, lead_created};
pub(crate) use endpoint::{Endpoint, Endpoints};
pub(crate) use handoff::{HANDOFF_PREPARED, handoff_prepared};
pub(crate) use line::Line;
pub(crate) use schedule::{ATTEMPTS, pause_after};
pub(crate) use send::{Answer, Sender, client};
