//! The jobs of the bot, one file each: the only code here that calls Telegram.

mod certificate;
mod deadline;
mod erasures;
mod export;
mod finish_erasure;
mod notice;
mod retention;
mod send;
mod tell;

pub(crate) use certificate::SendCertificates;
pub(crate) use deadline::ModelDeadline;
pub(crate) use erasures::{ERASURES, Erasures};
pub(crate) use export::SendExport;
pub(crate) use finish_erasure::{FINISH_ERASURE, FinishErasure, FinishErasures};
pub(crate) use notice::GiveNotice;
pub(crate) use retention::{RETENTION, Retention};
pub(crate) use send::SendMessage;
pub(crate) use tell::{TELL, Tell, TellPerson};
