//! What this service does about events, one event a file.

mod handoff_requested;
mod lead_captured;
mod model_requested;
mod person;

pub(crate) use handoff_requested::HandoffRequestedHandler;
pub(crate) use lead_captured::LeadCapturedHandler;
pub(crate) use model_requested::ModelRequestedHandler;
pub(crate) use person::PersonHandler;
