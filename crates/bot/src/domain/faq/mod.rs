//! Finds which question of the FAQ, or which command, a text puts. The index is built once per folder; a
//! look-up costs a few microseconds and allocates little.

mod index;
mod typo;

pub(crate) use index::{Index, Meaning};
