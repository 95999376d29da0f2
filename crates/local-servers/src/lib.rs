//! A private Postgres and a private NATS for development, tests and measurements: fetches their
//! programs (pinned by hash), starts them in a folder, stops them, and never leaves one behind.
//!
//! Everything here blocks; from tokio, call it inside `spawn_blocking`. A server that was started is
//! kept on a leash: should this process die, even by SIGKILL, a watchdog stops the server cleanly, and
//! the next start on the folder waits for that or does it itself.

mod discard;
mod error;
mod fetch;
mod folder_lock;
mod leftover;
mod nats;
mod nats_info;
mod port;
mod postgres;
mod postgres_data;
mod private_file;
mod process;
mod run_as;

pub use discard::discard;
pub use error::ServerError;
pub use fetch::{AimockTools, NatsTools, NoBrowser, PostgresTools, TOOLS_VARIABLE, Tools};
pub use nats::{Nats, NatsOptions, Sync};
pub use nats_info::{NATS_OLDEST, NatsInfo, nats_info, nats_is_new_enough};
pub use port::free_port;
pub use postgres::{Postgres, PostgresOptions};
pub use process::Running;
