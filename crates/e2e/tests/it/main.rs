//! Everything as it is installed: real programs, a Telegram, a CRM, a model and a browser around them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests, and what they share")]

mod admin_pages;
mod bot_api;
mod chat_page;
mod conversations;
mod dead_letters;
mod drafts;
mod drafts_on_the_page;
mod erasures;
mod evaluation;
mod files;
mod gaps;
mod limits;
mod place;
mod register;
mod traces;
mod up;
mod up_own;
mod versions;
