//! One human turn, one answer: what is written in pieces is answered together, a newer message takes the place of
//! a question that is still being thought about, and an edit changes the answer.
//!
//! A question for the model opens as the last of `ConversationState::pending`, with the moment until which the
//! person has to be quiet; a job asks the model then. Further pieces move that moment; the job that was written for
//! an earlier one writes the next. What needs no model is answered at once and passes through nothing of this.

mod answered;
mod edit;
mod memory;
mod question;

pub use memory::{AnsweredTurn, Part, Turns};
