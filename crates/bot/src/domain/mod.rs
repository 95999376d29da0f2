//! The conversation engine. Pure: no I/O, no async, no clock of its own. A step takes what is remembered
//! of a conversation and what happened, and gives what is to be remembered and what is to be done.

mod burst;
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
mod words;

pub use burst::{AnsweredTurn, OpenAlbum, Part, Turns};
pub use effect::{
    Button, Effect, Evidence, HandoffReason, Lead, LeadAnswer, LeadContact, Movement, Outgoing, Place,
    Source, Step, Target, Temperature,
};
pub use engine::Engine;
pub use input::{Chat, Input, Message, ModelAnswer, ModelOutcome, Person, What};
pub use state::{Amount, Answer, ConversationState, FlowRun, GivenAnswer, Pending};
