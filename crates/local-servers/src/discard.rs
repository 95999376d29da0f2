//! Removing a server's folder for good.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::Signal;

use crate::folder_lock::FolderLock;
use crate::run_as::{self, RunAs};
use crate::{ServerError, leftover};

/// Stops what a dead run left on the server folder `folder` and removes it, wherever its data really
/// is. False, and nothing done, while a living process holds it; a folder that is not there is fine.
pub fn discard(folder: &Path) -> Result<bool, ServerError> {
    if !folder.is_dir() {
        return Ok(true);
    }
    let home = run_as::reachable(folder, RunAs::instead_of_root())?;
    let lock = match FolderLock::take(&home) {
        Err(ServerError::InUse { .. }) => return Ok(false),
        taken => taken?,
    };
    let data = home.join("data");
    leftover::stop("postgres", &data.join("postmaster.pid"), &data, Signal::INT)?;
    leftover::stop("nats-server", &home.join("pid"), &home.join("nats.conf"), Signal::TERM)?;
    for folder in [&home, folder] {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ServerError::io("remove", folder)(error));
            }
            _ => {}
        }
    }
    drop(lock);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("server");
        let held = FolderLock::take(&run_as::reachable(&inner, RunAs::instead_of_root()).unwrap()).unwrap();
        assert!(!discard(&inner).unwrap());
        drop(held);
        assert!(discard(&inner).unwrap());
        assert!(!inner.exists());
        assert!(discard(&inner).unwrap());
    }
}
