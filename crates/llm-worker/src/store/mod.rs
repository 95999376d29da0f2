//! This service's tables.

pub(crate) mod budget;
pub(crate) mod costs;
pub(crate) mod documents;
pub(crate) mod erased;
pub(crate) mod gaps;
pub(crate) mod given;
pub(crate) mod knowledge;
pub(crate) mod lead;
pub(crate) mod ledger;
pub(crate) mod memory;
pub(crate) mod passages;
pub(crate) mod person;
pub(crate) mod reservation;
pub(crate) mod route;
pub(crate) mod sample;
pub(crate) mod vectors;

/// The schema's migrations.
pub(crate) static MIGRATOR: pg::Migrator = sqlx::migrate!("../../migrations/llm");
