//! Many people who ask at once while parts of an installation are killed, cut off or told everything twice;
//! and what has to be true afterwards: nothing lost, each answered once, order kept, nothing left over.

mod answers;
mod chats;
mod post;
mod questions;
mod report;
mod town;

pub use report::{Fault, Report, Twice};
pub use town::Town;
