//! The events that the CRM service consumes.

mod handoff_prepared;
mod later;
mod lead_captured;
mod person;
mod told;

pub(crate) use handoff_prepared::HandoffPreparedHandler;
pub(crate) use later::LaterHandler;
pub(crate) use lead_captured::LeadCapturedHandler;
pub(crate) use person::PersonHandler;
pub(crate) use told::LATER;
