//! What the rules look at: the crates with their dependencies, and every text file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

/// The workspace as the rules see it.
#[derive(Debug, Default)]
pub struct Workspace {
    pub root: PathBuf,
    pub crates: Vec<Crate>,
    /// By path from the root, with `/`.
    pub files: BTreeMap<String, String>,
}

/// One of our crates.
#[derive(Clone, Debug, Default)]
pub struct Crate {
    pub name: String,
    /// From the root, with `/`: `crates/bus`.
    pub folder: String,
    pub dependencies: Vec<Dependency>,
}

/// An edge from a crate to another, ours or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    /// For tests only.
    pub dev: bool,
    /// One of our own crates.
    pub ours: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<RawDependency>,
}

#[derive(Deserialize)]
struct RawDependency {
    name: String,
    kind: Option<String>,
    path: Option<PathBuf>,
}

const SKIPPED_FOLDERS: &[&str] = &["target", "node_modules", "__pycache__"];
/// Hidden folders are others' business, but for these.
const SHOWN_FOLDERS: &[&str] = &[".ci", ".config", ".cargo"];

impl Workspace {
    /// Reads the workspace at `root`, without a network.
    pub fn load(root: &Path) -> anyhow::Result<Self> {
        let mut workspace = Self { root: root.to_owned(), crates: crates(root)?, files: BTreeMap::new() };
        workspace.read_folder(root)?;
        Ok(workspace)
    }

    fn read_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let hidden = name.starts_with('.') && !SHOWN_FOLDERS.contains(&name.as_str());
                if !hidden && !SKIPPED_FOLDERS.contains(&name.as_str()) {
                    self.read_folder(&path)?;
                }
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(fs::read(&path)?)
            {
                self.files.insert(relative(&self.root, &path)?, text);
            }
        }
        Ok(())
    }

    /// The Rust sources of the crate in `folder`.
    pub fn sources<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files_below(folder).filter(|(path, _)| path.ends_with(".rs"))
    }

    fn files_below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let below = move |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.files
            .iter()
            .filter(move |(path, _)| below(path))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// A workspace of these files alone, to try a rule on.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { files, ..Self::default() }
    }
}

fn crates(root: &Path) -> anyhow::Result<Vec<Crate>> {
    let output = Command::new("cargo")
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("could not run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("cargo metadata says the unexpected")?;
    let crates = metadata.packages.into_iter().map(|package| {
        let folder = package.manifest_path.parent().unwrap_or(root);
        let dependencies = package.dependencies.into_iter().map(|dependency| Dependency {
            name: dependency.name,
            dev: dependency.kind.as_deref() == Some("dev"),
            ours: dependency.path.is_some(),
        });
        Ok(Crate {
            name: package.name,
            folder: relative(root, folder)?,
            dependencies: dependencies.collect(),
        })
    });
    crates.collect()
}

fn relative(root: &Path, path: &Path) -> anyhow::Result<String> {
    let path =
        path.strip_prefix(root).with_context(|| format!("{} is not below the root", path.display()))?;
    Ok(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
}
