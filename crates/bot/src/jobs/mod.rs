//! The jobs of the bot, one file each: the only code here that calls Telegram.

mod deadline;
mod lift;
mod notice;
mod send;

pub(crate) use deadline::ModelDeadline;
pub(crate) use lift::LiftLimit;
pub(crate) use notice::GiveNotice;
pub(crate) use send::SendMessage;
