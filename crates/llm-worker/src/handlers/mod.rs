//! What this service does about events, one event a file.

mod model_requested;

pub(crate) use model_requested::ModelRequestedHandler;
