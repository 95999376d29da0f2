//! Finds which question of the FAQ, or which command, a text puts. The index is built once per folder; a look-up costs
//! some tens of microseconds, bounded whatever the text is.

mod commands;
mod evidence;
mod find;
mod index;
mod judge;
mod letters;
mod lexicon;
mod odds;
mod rehearse;
mod typo;

pub(crate) use evidence::{KINDS, NAMES};
pub(crate) use find::{Candidate, Reading, clauses};
pub(crate) use index::Index;
