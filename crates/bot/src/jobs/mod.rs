//! The jobs of the bot, one file each: the only code here that calls Telegram.

mod deadline;
mod notice;
mod place;
mod quiet;
mod reminder;
mod send;

pub(crate) use deadline::ModelDeadline;
pub(crate) use notice::GiveNotice;
pub(crate) use quiet::QuietEnds;
pub(crate) use reminder::RemindOfFlow;
pub(crate) use send::SendMessage;
