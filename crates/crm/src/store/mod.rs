//! Deliveries and their attempts.

pub(crate) mod attempt;
pub(crate) mod deal;
pub(crate) mod delivery;
pub(crate) mod erased;
pub(crate) mod gone;
pub(crate) mod grant;
pub(crate) mod link;
pub(crate) mod redrive;
pub(crate) mod seal;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/crm");
