//! Versions of bots: what is published, by whom, and which one a conversation goes on with.
//!
//! A version is a folder's content, named by its hash, kept in Postgres and never changed. Where one is published,
//! every replica serves it; where none is, each serves the folder on its machine. Both are looked at every two
//! seconds, so a change needs no restart. A conversation in the middle of a flow stays on the version that the
//! flow began with.

mod engines;
mod publish;
mod watch;

pub(crate) use engines::{Engines, is};
pub use publish::{
    NotPublished, Published, files, folders, follow_folder, history, publish, rollback, versions,
};
pub(crate) use watch::{Watch, load, revive};

pub use crate::store::version::{Publication, Version};

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use bot_folder::{BotFolder, Files};

    use crate::domain::Engine;

    /// The shipped bot, with a note that makes it another version.
    pub(crate) fn shipped(number: u32) -> Files {
        let path = testkit::workspace_root().join("bots/dev2production");
        let mut files = BotFolder::files(&path).unwrap();
        let bot = files.iter_mut().find(|(name, _)| name == "bot.yml").unwrap();
        bot.1.extend_from_slice(format!("\n# {number}\n").as_bytes());
        files
    }

    pub(crate) fn engine(files: &Files) -> Engine {
        Engine::new(Arc::new(BotFolder::from_files("dev2production", files).unwrap()))
    }
}
