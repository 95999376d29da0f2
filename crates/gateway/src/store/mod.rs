//! The gateway's own tables and locks.

pub(crate) mod admin_session;
pub(crate) mod api_key;
pub(crate) mod bot_link;
pub(crate) mod leader;
pub(crate) mod sign_in_rate;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/gateway");
