//! The CRM service as its neighbours see it: leads come in on the bus, signed webhooks go out, and how each
//! delivery ended is published.

mod delivery;
mod gone;
mod receiver;
mod retries;
mod settings;
mod support;
