//! Deliveries and their attempts.

pub(crate) mod attempt;
pub(crate) mod delivery;
pub(crate) mod erased;
pub(crate) mod gone;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/crm");
