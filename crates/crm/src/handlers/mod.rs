//! The events that the CRM service consumes.

mod lead_captured;

pub(crate) use lead_captured::LeadCapturedHandler;
