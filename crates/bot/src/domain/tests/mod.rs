//! The engine against the bot that is shipped: whole conversations, and anything at all.

mod branches;
mod facts;
mod groups;
mod machine;
mod more;
mod nested;
mod properties;
mod questions;
pub(super) mod script;
mod seats;
mod transcripts;
mod turns;
mod understanding;
