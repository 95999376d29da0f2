//! Facts, one subject a file.

pub(crate) mod conversation;
pub(crate) mod deal;
pub(crate) mod file;
pub(crate) mod lead;
pub(crate) mod model;
pub(crate) mod person;
pub(crate) mod report;
pub(crate) mod send;
pub(crate) mod update_count;
pub(crate) mod watch;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/analytics");
