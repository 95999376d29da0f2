//! What the model worker answers to services that wait, one thing a file.

mod account;
mod answer;
mod call;
mod failure;
mod models;

pub(crate) use models::Models;
