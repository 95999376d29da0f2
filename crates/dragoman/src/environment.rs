//! The one place that reads the environment, and finds the settings file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use service_kit::Settings;

/// What `dragoman up` has written, so that the other commands reach what it started.
pub(crate) const LOCAL: &str = ".dragoman/dragoman.toml";

/// All variables that are text; others are none of ours.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    variables().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.trim().is_empty())
}

/// The settings of an installation: the file named, else `dragoman.toml` here, else what `dragoman up` wrote.
pub(crate) fn settings(config: Option<&Path>) -> Result<Settings> {
    load(found(config).as_deref())
}

/// The settings of a file that was found, or of the environment alone.
pub(crate) fn load(found: Option<&Path>) -> Result<Settings> {
    Ok(Settings::load(found, variables())?)
}

/// Where the settings of an installation are read from, if from anywhere.
pub(crate) fn found(config: Option<&Path>) -> Option<PathBuf> {
    config.map(Path::to_path_buf).or_else(|| {
        [PathBuf::from("dragoman.toml"), PathBuf::from(LOCAL)].into_iter().find(|path| path.is_file())
    })
}
