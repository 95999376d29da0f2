//! Deliveries and their attempts.

pub(crate) mod attempt;
pub(crate) mod delivery;
pub(crate) mod gone;
