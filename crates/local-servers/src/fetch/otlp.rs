//! What OpenTelemetry publishes for Python, so that a collector that is not ours can read what we export.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Tools, python, remove_folder, say};
use crate::ServerError;
use crate::folder_lock::FolderLock;

const TOOL: &str = "opentelemetry-proto";
const VERSION: &str = "1.45.2";
/// Both are Apache-2.0 or BSD, of plain Python: one hash is enough for every platform.
const REQUIREMENTS: &str = include_str!("../wheels/otlp.txt");

impl Tools {
    /// A folder for Python's path that has the messages of OTLP, fetched unless it is there.
    pub fn otlp(&self) -> Result<PathBuf, ServerError> {
        let place = self.folder.join(format!("{TOOL}-{VERSION}"));
        if place.is_dir() {
            return Ok(place);
        }
        let _lock = FolderLock::wait(&self.folder)?;
        if place.is_dir() {
            return Ok(place);
        }
        say(&format!("fetching {TOOL} {VERSION}"));
        let staging = self.folder.join(format!(".fetching-{TOOL}"));
        remove_folder(&staging)?;
        fs::create_dir_all(&staging).map_err(ServerError::io("make the folder", &staging))?;
        let requirements = staging.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(ServerError::io("write", &requirements))?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
            .args(["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--target"])
            .arg(staging.join("packages"))
            .arg("--requirement")
            .arg(&requirements);
        python(TOOL, &mut pip)?;
        fs::rename(staging.join("packages"), &place).map_err(ServerError::io("move into place", &place))?;
        remove_folder(&staging)?;
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requirement_is_pinned() {
        assert!(REQUIREMENTS.contains(&format!("{TOOL}=={VERSION} ")));
        assert!(REQUIREMENTS.lines().all(|line| line.contains(" --hash=sha256:")));
    }
}
