//! What the bot service answers, one call a file.

mod version;

pub(crate) use version::Versions;
