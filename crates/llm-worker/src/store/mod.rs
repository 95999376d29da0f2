//! This service's tables.

pub(crate) mod documents;
pub(crate) mod erased;
pub(crate) mod knowledge;
pub(crate) mod ledger;
pub(crate) mod memory;
pub(crate) mod passages;

/// The schema's migrations.
pub(crate) static MIGRATOR: pg::Migrator = sqlx::migrate!("../../migrations/llm");
