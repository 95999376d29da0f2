//! A person's rights over the whole system: every role in one process, whose clock the test moves, with real
//! servers, a Telegram and a CRM around it.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod archive;
mod forget;
mod traces;
mod world;
