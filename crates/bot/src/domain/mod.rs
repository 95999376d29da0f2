//! The conversation engine. Pure: no I/O, no async, no clock of its own. A step takes what is remembered
//! of a conversation and what happened, and gives what is to be remembered and what is to be done.

mod attribution;
mod burst;
mod effect;
mod engine;
mod entity;
mod faq;
mod files;
mod flow;
mod inline;
mod input;
mod intent;
mod model;
mod say;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod turn;
mod words;
mod zone;

pub use attribution::Attribution;
pub use burst::{AnsweredTurn, Part, Turns};
pub use effect::{
    Button, Effect, Evidence, HandoffDetails, HandoffReason, Lead, LeadAnswer, LeadContact, Movement,
    Outgoing, Place, Source, Step, Target, Temperature,
};
pub use engine::Engine;
pub use files::{CheckedFile, FileFate, FileLimits, KeptFile, SentFile};
pub use inline::Article;
pub use input::{Chat, Input, Message, ModelAnswer, ModelOutcome, Person, What};
pub use intent::Understood;
pub use state::{Amount, Answer, ConversationState, FlowRun, GivenAnswer, Pending, Stage};
pub use told::{BareAmount, Fact, Told};
pub use words::Ear;
pub use zone::{KnownBy, Zone};
