//! What the bots know: read from their folders at the start, or given by an administrator; kept in Postgres, found
//! for each question. What nobody could answer is gathered here too.

mod bots;
mod documents;
pub(crate) mod embeddings;
mod fillers;
mod fusion;
pub(crate) mod gaps;
pub(crate) mod given;
mod relevance;
mod search;
mod split;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bots::{Bots, given_key, key};
pub(crate) use documents::{Document, Passage, of as documents_of};
pub(crate) use relevance::SURE;
pub use search::Hit;
pub(crate) use search::{Scope, Search};
pub(crate) use split::split;
