//! Conversations move: load the states of all the chats in a batch, step each turn through the engine, write
//! everything that came of it in the same transaction.

mod captured;
mod closing;
mod effects;
mod facts;
mod files;
mod handoff;
mod known;
mod outbound;
mod rights;
mod run;
mod superseded;
mod turn;
mod waits;

pub(crate) use closing::{Closed, told as told_of_closed};
pub(crate) use files::{LOOK, LookAt, TELL, TellOf, tell, told_to_leads};
pub(crate) use outbound::{NOTICE, Notice, SEND, Send, Where, notice, sends};
pub(crate) use rights::{EXPORT, ExportJob};
pub(crate) use run::Conversations;
pub(crate) use turn::{Place, Reach, Said, Turn};
pub(crate) use waits::{DEADLINE, Deadline, QUIET, Quiet, REMINDER, Reminder};
