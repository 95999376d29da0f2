//! The events that the gateway consumes.

mod person;

pub(crate) use person::PersonHandler;
