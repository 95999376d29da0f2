//! The events that the CRM service consumes.

mod handoff_prepared;
mod lead_captured;
mod person;

pub(crate) use handoff_prepared::HandoffPreparedHandler;
pub(crate) use lead_captured::LeadCapturedHandler;
pub(crate) use person::PersonHandler;
