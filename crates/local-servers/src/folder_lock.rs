//! One process at a time works in a folder. The lock is the operating system's, so it ends with its
//! process however that ends.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::ServerError;

#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits for whoever has it.
    pub(crate) fn wait(folder: &Path) -> Result<Self, ServerError> {
        let file = open(folder)?;
        file.lock().map_err(ServerError::io("lock", folder))?;
        Ok(Self { _file: file })
    }

    /// Refuses when another process has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, ServerError> {
        let file = open(folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ServerError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(ServerError::io("lock", folder)(error)),
        }
    }
}

fn open(folder: &Path) -> Result<File, ServerError> {
    fs::create_dir_all(folder).map_err(ServerError::io("make the folder", folder))?;
    let path = folder.join("lock");
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(ServerError::io("open", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_is_told_which_folder_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        let refused = FolderLock::take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&folder.path().display().to_string()), "{refused}");
        drop(held);
        FolderLock::wait(folder.path()).unwrap();
    }
}
