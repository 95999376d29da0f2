//! The bots this worker answers for.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use bot_folder::BotFolder;
use pg::Pool;

use super::documents;
use crate::error::LlmError;
use crate::store;

/// The folders of all bots, by name.
#[derive(Debug, Default)]
pub(crate) struct Bots(HashMap<String, BotFolder>);

impl Bots {
    /// Reads every folder in `dir`. Takes milliseconds.
    pub(crate) fn load(dir: &Path) -> Result<Self, LlmError> {
        let unreadable = |source| LlmError::BotsDir { path: dir.to_owned(), source };
        let mut bots = HashMap::new();
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !path.is_dir() || hidden {
                continue;
            }
            let folder = BotFolder::load(&path).map_err(|source| LlmError::Bot { path, source })?;
            bots.insert(folder.name().to_owned(), folder);
        }
        Ok(Self(bots))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&BotFolder> {
        self.0.get(name)
    }

    /// Writes what the bots know into the database, as far as it is not there yet. Several replicas may do so
    /// at once.
    pub(crate) async fn store(&self, pool: &Pool) -> Result<(), LlmError> {
        for folder in self.0.values() {
            let documents = documents::of(folder);
            let changes = store::documents::replace(pool, folder.name(), &documents).await?;
            tracing::info!(
                bot = folder.name(),
                documents = documents.len(),
                written = changes.written,
                removed = changes.removed,
                "the knowledge of the bot is stored"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
impl From<Vec<BotFolder>> for Bots {
    fn from(folders: Vec<BotFolder>) -> Self {
        Self(folders.into_iter().map(|folder| (folder.name().to_owned(), folder)).collect())
    }
}
