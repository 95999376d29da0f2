//! The gateway as Telegram and the callers of its API see it.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod admin;
mod bot_api;
mod hostile;
mod kpi;
mod poll;
mod poll_replicas;
mod register;
mod support;
mod watchdog;
mod webhook;
