//! The events that the bot consumes, one file each.

mod model_answered;
mod update_received;

pub(crate) use model_answered::ModelAnsweredHandler;
pub(crate) use update_received::UpdateReceivedHandler;
