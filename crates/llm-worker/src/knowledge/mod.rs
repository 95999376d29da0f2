//! What the bots know: read from their folders at the start, kept in Postgres, found for each question.

mod bots;
mod documents;
mod fillers;
mod relevance;
mod search;
mod split;
#[cfg(test)]
mod tests;

pub(crate) use bots::{Bots, key};
pub(crate) use documents::{Document, Passage, of as documents_of};
pub(crate) use relevance::SURE;
pub(crate) use search::find;
