//! Leads as CRMs take them. Pure: no clock, no network, no database.

pub(crate) mod deal;
pub(crate) mod later;
pub(crate) mod lead;
pub(crate) mod mapping;
pub(crate) mod news;
pub(crate) mod note;
pub(crate) mod schema;
