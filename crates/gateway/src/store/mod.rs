//! The gateway's own tables and locks.

pub(crate) mod bot_link;
pub(crate) mod leader;
