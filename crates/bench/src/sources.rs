//! The program that is measured, and whether it was built from the sources as they are now: an old one, or that of
//! another checkout, would be measured in vain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde::Serialize;

/// The program and what it says of itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Built {
    pub(crate) path: PathBuf,
    /// What its `--version` prints.
    pub(crate) version: String,
    /// When it was built, RFC 3339.
    pub(crate) built: String,
    /// The commit that the checkout stands on, `-dirty` with changes.
    pub(crate) commit: String,
}

/// The program beside this one, if it is newer than all it was built from and was built from this checkout.
pub(crate) fn checked(root: &Path) -> Result<Built> {
    let path = std::env::current_exe()?.with_file_name("dragoman");
    let profile = if cfg!(debug_assertions) { "" } else { "--release " };
    let advice = format!("run: cargo build {profile}--package dragoman --bin dragoman");
    let Ok(built) = fs::metadata(&path).and_then(|meta| meta.modified()) else {
        bail!("{} is not there; {advice}", path.display());
    };
    // Cargo writes beside each program which files it was built from.
    let list = fs::read_to_string(path.with_extension("d"))
        .with_context(|| format!("nobody knows what {} was built from; {advice}", path.display()))?;
    let mut files = ingredients(&list);
    // What was generated on the way is no source.
    files.retain(|file| path.parent().is_none_or(|folder| !file.starts_with(folder)));
    if let Some(wrong) = out_of_date(&files, root, built) {
        bail!("{} is not what the sources say: {wrong}; {advice}", path.display());
    }
    let version = said(Command::new(&path).arg("--version"))?;
    let commit = said(Command::new("git").arg("-C").arg(root).args(["describe", "--always", "--dirty"]));
    let built = format!("{:.0}", jiff::Timestamp::try_from(built)?);
    Ok(Built { path, version, built, commit: commit.unwrap_or_default() })
}

fn said(command: &mut Command) -> Result<String> {
    let output =
        command.output().with_context(|| format!("{} cannot be run", command.get_program().display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The files of a list as Cargo writes it: `program: file file`, with spaces in names as `\ `.
fn ingredients(list: &str) -> Vec<PathBuf> {
    let names = list.split_once(": ").map_or("", |(_, names)| names).trim();
    let names = names.replace("\\ ", "\0");
    names.split_whitespace().map(|name| PathBuf::from(name.replace('\0', " "))).collect()
}

/// Why a program that was built then is not made of these files as they are now; none if it is.
fn out_of_date(files: &[PathBuf], root: &Path, built: SystemTime) -> Option<String> {
    let crates = root.join("crates");
    if !files.iter().any(|file| root.join(file).starts_with(&crates)) {
        return Some(format!("it was built from another checkout, none of it from {}", crates.display()));
    }
    files.iter().find_map(|file| {
        let file = root.join(file);
        match fs::metadata(&file).and_then(|meta| meta.modified()) {
            Ok(changed) if changed > built => Some(format!("{} is newer", file.display())),
            Ok(_) => None,
            Err(_) => Some(format!("{} is gone", file.display())),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_list_of_cargo_is_read() {
        let files = ingredients("/t/release/dragoman: /a/crates/x/src/lib.rs /a/with\\ space/b.rs\n");
        assert_eq!(files, [PathBuf::from("/a/crates/x/src/lib.rs"), PathBuf::from("/a/with space/b.rs")]);
        assert!(ingredients("").is_empty());
    }

    #[test]
    fn a_file_that_is_newer_gone_or_of_another_checkout_is_named() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("crates/x/src/lib.rs");
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::write(&source, "").unwrap();
        let written = fs::metadata(&source).unwrap().modified().unwrap();
        let second = Duration::from_secs(1);
        let files = vec![source.clone()];
        assert_eq!(out_of_date(&files, root.path(), written + second), None);
        assert!(out_of_date(&files, root.path(), written - second).unwrap().ends_with("lib.rs is newer"));
        assert!(out_of_date(&files, Path::new("/elsewhere"), written).unwrap().contains("another checkout"));
        let files = vec![source, root.path().join("crates/x/src/old.rs")];
        assert!(out_of_date(&files, root.path(), written + second).unwrap().ends_with("old.rs is gone"));
    }
}
