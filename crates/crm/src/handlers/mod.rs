//! The events that the CRM service consumes.

mod lead_captured;
mod person;

pub(crate) use lead_captured::LeadCapturedHandler;
pub(crate) use person::PersonHandler;
