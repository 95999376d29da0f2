//! The bot service as its neighbours see it: updates come in on the bus, Telegram is called.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod costs;
mod deals;
mod drafts;
mod erasures;
mod groups;
mod introduction;
mod later;
mod leads;
mod limits;
mod models;
mod reminders;
mod stand;
mod support;
mod turns;
mod updates;
