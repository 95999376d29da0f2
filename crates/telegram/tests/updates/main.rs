//! Updates, from the outside.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod fuzz;
mod hostile;
mod normalise;
mod samples;
mod table;
