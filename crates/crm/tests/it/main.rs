//! The CRM service as its neighbours see it: leads come in on the bus, signed webhooks go out, and how each
//! delivery ended is published.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod accounts;
mod alerts;
mod crowd;
mod delivery;
mod disabled;
mod endpoints;
mod gone;
mod handoff;
mod independent;
mod later;
mod mappings;
mod receiver;
mod reconcile;
mod retries;
mod settings;
mod support;
