//! This service's tables.

pub(crate) mod budget;
pub(crate) mod costs;
pub(crate) mod documents;
pub(crate) mod erased;
pub(crate) mod knowledge;
pub(crate) mod lead;
pub(crate) mod ledger;
pub(crate) mod passages;
pub(crate) mod person;
pub(crate) mod reservation;
pub(crate) mod sample;

/// The schema's migrations.
pub(crate) static MIGRATOR: pg::Migrator = sqlx::migrate!("../../migrations/llm");
