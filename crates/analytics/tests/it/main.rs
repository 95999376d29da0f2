//! Analytics as its neighbours see it: events come in on the bus, numbers are asked for by gRPC.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod facts;
mod report;
mod support;
