//! Which models are asked, in which order, and why.
//!
//! A cheap look at the question ([`look`]) finds how it is to be worked on ([`Mode`]) and how much of a model it takes
//! (the tier). The settings name the steps for it: tiers, whose models share the work by weight and health, or models
//! by name. The first step answers; the next ones are asked where that answer can not be passed on.

mod config;
mod look;
mod plan;
mod pool;

pub use config::RoutingConfig;
pub(crate) use look::{Mode, Signals};
pub(crate) use plan::{Plan, Routes, Wish};
