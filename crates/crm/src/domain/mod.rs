//! Leads as CRMs take them. Pure: no clock, no network, no database.

pub(crate) mod deal;
pub(crate) mod example;
pub(crate) mod fit;
pub(crate) mod later;
pub(crate) mod lead;
pub(crate) mod mapping;
pub(crate) mod money;
pub(crate) mod names;
pub(crate) mod news;
pub(crate) mod note;
pub(crate) mod schema;
pub(crate) mod state;
