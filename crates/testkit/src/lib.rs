//! What tests stand on: the servers of a test run, a database of their own for each test, and private
//! servers for the tests that stop them.
//!
//! Everything here panics rather than returning errors: the caller is always a test.
#![expect(clippy::panic, clippy::print_stderr, reason = "a test that can not be set up ends with a sentence")]

mod aimock;
mod child;
mod database;
mod others;
mod ports;
mod private;
mod servers;
#[cfg(feature = "roles")]
mod stage;
mod until;

pub use aimock::{Aimock, aimock};
pub use child::{Child, environment, tail};
#[cfg(feature = "crms")]
pub use crm_sim as crms;
pub use database::{TestDatabase, database};
pub use others::{Judged, node, standardwebhooks};
pub use ports::free_port;
pub use private::{PrivateNats, PrivatePostgres, nats_server, postgres_server};
pub use servers::{Servers, servers, workspace_root};
#[cfg(feature = "roles")]
pub use stage::{App, INTERNAL_TOKEN, Stage, stage};
#[cfg(feature = "telegram")]
pub use telegram_sim;
pub use until::until;

pub(crate) trait OrPanic<T> {
    /// The value, or the end of the test with what failed and why.
    fn or_panic(self, what: &str) -> T;
}

impl<T, E: std::error::Error> OrPanic<T> for Result<T, E> {
    #[track_caller]
    fn or_panic(self, what: &str) -> T {
        match self {
            Ok(value) => value,
            Err(error) => {
                let mut said = format!("could not {what}: {error}");
                let mut source = error.source();
                while let Some(error) = source {
                    said = format!("{said}: {error}");
                    source = error.source();
                }
                panic!("{said}")
            }
        }
    }
}
