//! CRMs on the loopback that behave as the real ones do, also where that hurts: their limits, their formats, what they
//! refuse and what they do in silence. State is in memory; each test starts its own.

pub mod amocrm;
pub mod bitrix24;
mod form;
pub mod hubspot;
mod stranger;
mod trouble;

pub use stranger::Stranger;
pub use trouble::{Faults, Trouble};

use std::collections::BTreeMap;

/// A deal (or a lead, where the CRM calls that what comes in), as a person at the CRM sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deal {
    pub id: String,
    pub name: String,
    pub contact: Option<String>,
    pub price: Option<i64>,
    pub pipeline: String,
    pub stage: String,
    pub responsible: String,
    pub tags: Vec<String>,
    /// By the field's id or code.
    pub fields: BTreeMap<String, String>,
    /// In the order in which they were put there.
    pub notes: Vec<String>,
}

/// A person of the CRM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub fields: BTreeMap<String, String>,
}
