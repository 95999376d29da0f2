//! This service's tables.

pub(crate) mod documents;
pub(crate) mod erased;
pub(crate) mod gaps;
pub(crate) mod given;
pub(crate) mod knowledge;
pub(crate) mod ledger;
pub(crate) mod passages;
pub(crate) mod vectors;

/// The schema's migrations.
pub(crate) static MIGRATOR: pg::Migrator = sqlx::migrate!("../../migrations/llm");
