//! The conversation engine. Pure: no I/O, no async, no clock of its own. A step takes what is remembered
//! of a conversation and what happened, and gives what is to be remembered and what is to be done.

mod answer;
mod effect;
mod engine;
mod entity;
mod faq;
mod flow;
mod input;
mod model;
mod say;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod turn;
mod variant;
mod words;

pub use effect::{
    Button, Effect, Evidence, Given, HandoffReason, Lead, LeadAnswer, LeadContact, Movement, Outgoing,
    Source, Step, Target, Temperature,
};
pub(crate) use engine::NOTHING;
pub use engine::{Engine, HUMAN};
pub(crate) use faq::{KINDS, NAMES};
pub use input::{Chat, Input, ModelAnswer, ModelOutcome, Person, What};
pub use state::{Amount, Answer, ConversationState, FlowRun, GivenAnswer, Pending, Topic};
pub(crate) use words::Stems;
