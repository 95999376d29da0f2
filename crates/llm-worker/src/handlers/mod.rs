//! What this service does about events, one event a file.

mod model_requested;
mod person;

pub(crate) use model_requested::ModelRequestedHandler;
pub(crate) use person::PersonHandler;
