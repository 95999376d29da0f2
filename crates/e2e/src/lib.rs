//! What the end-to-end tests stand on: installations made of our real programs, in one process or one for
//! each role, and the world around them: people on Telegram, a CRM, a language model, a browser.
//!
//! Nothing here is asked how it did something; only what a person, a CRM or an operator sees counts.
//!
//! Everything panics rather than returning errors: the caller is always a test.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the caller is a test"
)]

mod api;
mod browser;
mod clamd;
mod collector;
mod command;
mod crm;
mod database;
pub mod faults;
mod installation;
mod left_over;
mod model;
mod person;
mod programs;
mod settings;
mod tools;
mod upstream;

pub use api::{Api, Kpi};
pub use browser::{Browser, Look};
pub use clamd::Clamd;
pub use collector::{Collector, Span};
pub use command::{Said, command};
pub use crm::{Crm, Received};
pub use database::Database;
pub use installation::{Installation, Placement};
pub use left_over::processes_naming;
pub use model::Model;
pub use person::{Attachment, CallOfBot, Heard, Person};
pub use programs::program;
pub use settings::{BOT, Choices, FilesChoices, Updates};
pub use testkit::{Child, free_port};
pub use upstream::{Script, Seen, Told, Upstream};

/// A client for every server on this machine that a test asks something.
pub(crate) fn http() -> reqwest::Client {
    outbound::builder().unwrap().timeout(std::time::Duration::from_secs(30)).no_proxy().build().unwrap()
}
