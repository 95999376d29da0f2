//! The jobs of the bot, one file each: the only code here that calls Telegram.

mod deadline;
mod erase_files;
mod look_at_file;
mod notice;
mod place;
mod quiet;
mod reminder;
mod send;
mod tell_of_files;

pub(crate) use deadline::ModelDeadline;
pub(crate) use erase_files::EraseFiles;
pub(crate) use look_at_file::LookAtFile;
pub(crate) use notice::GiveNotice;
pub(crate) use quiet::QuietEnds;
pub(crate) use reminder::RemindOfFlow;
pub(crate) use send::SendMessage;
pub(crate) use tell_of_files::TellOfFiles;
