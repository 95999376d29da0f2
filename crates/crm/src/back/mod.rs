//! What a CRM tells of its own accord: who may tell it, and of which deals. It is a hint and no more: what has become of a
//! deal is read from the CRM itself, so nothing but ids is taken from what was posted. Pure: no network, no database.

mod amocrm;
mod bitrix24;
mod door;
mod form;
mod hubspot;
mod register;

pub use register::{Registration, how_to_register};

pub(crate) use door::{Doors, Post, Refused};
