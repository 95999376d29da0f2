//! The simulator from outside, over real HTTP.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod control;
mod faults;
mod limits;
mod polling;
mod profile;
mod strict;
mod webhook;
mod world;
