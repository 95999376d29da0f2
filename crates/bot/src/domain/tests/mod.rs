//! The engine against the bot that is shipped: whole conversations, and anything at all.

mod branches;
mod machine;
mod properties;
mod questions;
mod script;
mod transcripts;
mod turns;
