//! The jobs of the bot, one file each: the only code here that calls Telegram.

mod certificate;
mod costs;
mod deadline;
mod drafted;
mod erase_files;
mod erasures;
mod export;
mod finish_erasure;
mod lift;
mod look_at_file;
mod notice;
mod pace;
mod place;
mod quiet;
mod reminder;
mod retention;
mod send;
mod tell;
mod tell_of_files;

pub(crate) use certificate::SendCertificates;
pub(crate) use costs::{COSTS, CostsWanted, TellCosts};
pub(crate) use deadline::ModelDeadline;
pub(crate) use erase_files::EraseFiles;
pub(crate) use erasures::{ERASURES, Erasures};
pub(crate) use export::SendExport;
pub(crate) use finish_erasure::{FINISH_ERASURE, FinishErasure, FinishErasures};
pub(crate) use lift::LiftLimit;
pub(crate) use look_at_file::LookAtFile;
pub(crate) use notice::GiveNotice;
pub(crate) use pace::{bot_limit, limits};
pub(crate) use quiet::QuietEnds;
pub(crate) use reminder::RemindOfFlow;
pub(crate) use retention::{RETENTION, Retention};
pub(crate) use send::SendMessage;
pub(crate) use tell::{TELL, Tell, TellPerson};
pub(crate) use tell_of_files::TellOfFiles;
