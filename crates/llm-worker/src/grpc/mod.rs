//! What the model worker answers to other services, one thing a file.

mod account;
mod answer;
mod call;
mod costs;
mod failure;
mod models;
mod paced;

pub(crate) use costs::TellCosts;
pub(crate) use models::Models;
