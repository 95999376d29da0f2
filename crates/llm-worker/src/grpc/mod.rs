//! What other roles ask of this one.

mod costs;

pub(crate) use costs::TellCosts;
