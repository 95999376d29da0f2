//! The conversation engine. Pure: no I/O, no async, no clock of its own. A step takes what is remembered
//! of a conversation and what happened, and gives what is to be remembered and what is to be done.

mod answer;
mod attribution;
mod burst;
mod deal;
mod effect;
mod engine;
mod entity;
mod escalation;
mod faq;
mod files;
mod flow;
mod guard;
mod inline;
mod input;
mod intent;
mod joined;
mod model;
mod models;
mod rights;
mod say;
mod seat;
mod state;
mod stop;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod turn;
mod variant;
mod words;
mod zone;

pub use attribution::Attribution;
pub use burst::{AnsweredTurn, Part, Turns};
pub use deal::{DealEnd, EndedDeal};
pub use effect::{
    Button, Effect, Evidence, Given, HandoffDetails, HandoffReason, Lead, LeadAnswer, LeadContact, Movement,
    Outgoing, Place, Rescored, Source, Step, Target, Temperature,
};
pub(crate) use engine::NOTHING;
pub use engine::{Engine, HUMAN};
pub use escalation::Escalations;
pub(crate) use faq::{KINDS, NAMES};
pub use files::{CheckedFile, FileFate, FileLimits, KeptFile, SentFile};
pub use guard::{Change, Guard, Guards, Limited, Offence, Standing};
pub use inline::Article;
pub use input::{Chat, Costs, Input, Message, ModelAnswer, ModelOutcome, Person, What};
pub use intent::Understood;
pub(crate) use say::fill as filled;
pub use seat::Seat;
pub use state::{
    Amount, Answer, ConversationState, FlowRun, Forget, GivenAnswer, Pending, SentLead, Stage, Topic,
};
pub use stop::draft_id;
pub use told::{BareAmount, Fact, Told};
pub use words::Ear;
pub(crate) use words::Stems;
pub use zone::{KnownBy, Zone};
