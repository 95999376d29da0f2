//! Standard Webhooks 1.0.0: the body, the signature, the schedule, what an answer means.

mod body;
mod endpoint;
mod handoff;
mod headers;
mod later;
mod schedule;
mod send;
#[cfg(test)]
mod ssrf;

pub(crate) use body::{LEAD_CREATED, lead_created};
pub(crate) use endpoint::{Endpoint, Endpoints};
pub(crate) use handoff::{HANDOFF_PREPARED, handoff_prepared};
pub(crate) use later::{
    CONVERSATION_CLOSED, HANDOFF_RETURNED, HANDOFF_TAKEN, LEAD_FILES, LEAD_SCORE_CHANGED,
    conversation_closed, handoff_returned, handoff_taken, lead_files, score_changed,
};

pub(crate) use schedule::{ATTEMPTS, pause_after};
pub(crate) use send::{Answer, Sender, client};

/// What there is beside the lead itself, by the names that endpoints and accounts ask for it.
pub(crate) const NEWS: [&str; 6] =
    [HANDOFF_PREPARED, LEAD_FILES, LEAD_SCORE_CHANGED, HANDOFF_TAKEN, HANDOFF_RETURNED, CONVERSATION_CLOSED];
