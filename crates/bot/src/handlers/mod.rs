//! The events that the bot consumes, one file each.

mod deal_moved;
mod model_answered;
mod person_answered;
mod update_received;

pub(crate) use deal_moved::DealMovedHandler;
pub(crate) use model_answered::ModelAnsweredHandler;
pub(crate) use person_answered::PersonAnsweredHandler;
pub(crate) use update_received::UpdateReceivedHandler;
