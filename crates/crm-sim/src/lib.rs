//! CRMs on the loopback that behave as the real ones do, also where that hurts: their limits, their formats, what they
//! refuse and what they do in silence. State is in memory: each test starts its own, and so does `crm-sim`, the program by
//! which they are tried without an account (`program`).
//!
//! What tests do by hand panics where a test is wrong; what answers calls never does.

pub mod amocrm;
pub mod bitrix24;
pub mod hubspot;
mod post;
pub mod program;
mod served;
mod stranger;
mod trouble;

pub use stranger::Stranger;
pub use trouble::{Faults, Trouble};

use std::collections::BTreeMap;

use serde::Serialize;

/// A stage that a deal can be put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub id: String,
    pub name: String,
    /// How a deal ends there, if it does.
    pub ends: Option<Ends>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    Won,
    Lost,
}

/// A deal (or a lead, where the CRM calls that what comes in), as a person at the CRM sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub fields: BTreeMap<String, String>,
}
