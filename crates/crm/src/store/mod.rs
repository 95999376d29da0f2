//! Deliveries and their attempts.

pub(crate) mod account;
pub(crate) mod attempt;
pub(crate) mod begin;
pub(crate) mod comparison;
pub(crate) mod deal;
pub(crate) mod deal_owner;
pub(crate) mod delivery;
pub(crate) mod erased;
pub(crate) mod grant;
pub(crate) mod health;
mod job;
pub(crate) mod link;
pub(crate) mod mapping;
pub(crate) mod redrive;
pub(crate) mod rest;
pub(crate) mod seal;
pub(crate) mod together;
pub(crate) mod trouble;
pub(crate) mod wrong;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/crm");
