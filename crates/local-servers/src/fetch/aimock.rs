//! `aimock`, a mock of model providers that others wrote: the counterpart that our providers are tested against.

use std::fs;
use std::path::PathBuf;

use super::npm::Npm;
use super::{Tools, open_to_all, remove_folder, say};
use crate::ServerError;
use crate::folder_lock::FolderLock;

/// MIT, of plain JavaScript.
const AIMOCK: Npm = Npm {
    tool: "aimock",
    package: "@copilotkit/aimock@1.43.0",
    archive: "copilotkit-aimock-1.43.0.tgz",
    sha256: "54f4ba4ef984696557e84176d6c4f37150047819a4eda374850a390534bbf117",
};
const PLACE: &str = "aimock-1.43.0";

/// It ends with whoever holds the other end of its standard input.
const START: &str = r#"process.stdin.resume().on("end", () => process.exit(0));
await import("./dist/cli.js");
"#;
const START_NAME: &str = "start.mjs";

/// How `aimock` is started: `node <script> <options>`. It ends when its standard input does.
#[derive(Clone, Debug)]
pub struct AimockTools {
    pub node: PathBuf,
    pub script: PathBuf,
}

impl Tools {
    /// Fetches `aimock`, and the Node that runs it, unless they are there.
    pub fn aimock(&self) -> Result<AimockTools, ServerError> {
        let node = self.node()?;
        let place = self.folder.join(PLACE);
        let tools = AimockTools { node: node.program.clone(), script: place.join(START_NAME) };
        if place.is_dir() {
            return Ok(tools);
        }
        let _lock = FolderLock::wait(&self.folder)?;
        if place.is_dir() {
            return Ok(tools);
        }
        say(&format!("fetching {PLACE}"));
        let staging = self.folder.join(".fetching-aimock");
        remove_folder(&staging)?;
        fs::create_dir_all(&staging).map_err(ServerError::io("make the folder", &staging))?;
        let unpacked = node.unpacked(&AIMOCK, &staging)?;
        let start = unpacked.join(START_NAME);
        fs::write(&start, START).map_err(ServerError::io("write", &start))?;
        open_to_all(&unpacked, false)?;
        fs::rename(&unpacked, &place).map_err(ServerError::io("move into place", &place))?;
        remove_folder(&staging)?;
        Ok(tools)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pins_name_the_same_version() {
        let version = PLACE.trim_start_matches("aimock-");
        assert!(AIMOCK.archive.contains(version) && AIMOCK.package.ends_with(version));
    }
}
