//! The bot's tables, one aggregate a file.

pub(crate) mod conversation;
pub(crate) mod lead;
pub(crate) mod message;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/bot");
