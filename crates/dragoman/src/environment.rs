//! The one place that reads the environment, and finds the settings files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use service_kit::Settings;

use crate::roles::ROLES;

/// What `dragoman up` has written, so that the other commands reach what it started.
pub(crate) const LOCAL: &str = ".dragoman/dragoman.toml";
/// The file of an installation; where `dragoman up` runs, what is to be otherwise than it says itself.
pub(crate) const OWN: &str = "dragoman.toml";
/// Where `dragoman up` notes the file that it was given instead of that one.
pub(crate) const OVER: &str = ".dragoman/over";

/// All variables that are text; others are none of ours.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    variables().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.trim().is_empty())
}

/// The settings of an installation: the file named, else those that are found here.
pub(crate) fn settings(config: Option<&Path>) -> Result<Settings> {
    let found = found(config);
    if found.is_empty() && !variables().any(|(name, _)| name.starts_with("DRAGOMAN__")) {
        bail!(
            "no settings are found here; go to the folder in which `dragoman up` runs, or name a file with -c"
        );
    }
    load(&found)
}

/// The settings of the files that were found, each over those before it, and of the environment over all.
pub(crate) fn load(found: &[PathBuf]) -> Result<Settings> {
    let (over, under) = match found.split_last() {
        Some((over, under)) => (Some(over.as_path()), under),
        None => (None, found),
    };
    let mut settings = Settings::load(over, variables())?;
    for file in under.iter().rev() {
        settings = settings.over(&Settings::load(Some(file), [])?);
    }
    Ok(settings)
}

/// Where the settings of an installation are read from, if from anywhere; each file lies over those before it.
pub(crate) fn found(config: Option<&Path>) -> Vec<PathBuf> {
    config.map_or_else(|| found_in(Path::new("")), |config| vec![config.to_owned()])
}

/// A file that says itself where the data is stands for itself: what `dragoman up` wrote is never mixed into it.
fn found_in(folder: &Path) -> Vec<PathBuf> {
    let (local, own) = (folder.join(LOCAL), folder.join(OWN));
    let is_local = local.is_file();
    let noted = fs::read_to_string(folder.join(OVER)).ok().filter(|_| is_local);
    let own = noted.map(|noted| PathBuf::from(noted.trim_end())).or_else(|| own.is_file().then_some(own));
    match own {
        Some(own) if !is_local || names_data(&own) => vec![own],
        own => is_local.then_some(local).into_iter().chain(own).collect(),
    }
}

fn names_data(file: &Path) -> bool {
    // What can not be read is told by whoever loads it.
    Settings::load(Some(file), []).is_ok_and(|settings| data_of(&settings).is_some())
}

/// The setting by which a file says itself where its data is: it is the file of an installation.
pub(crate) fn data_of(settings: &Settings) -> Option<[&'static str; 2]> {
    let databases = ROLES.iter().map(|role| [role.name(), "database_url"]);
    databases.chain([["nats", "url"]]).find(|path| settings.has(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of what is found in a folder with these files.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".dragoman")).unwrap();
        for (name, text) in files {
            fs::write(root.path().join(name), text).unwrap();
        }
        let short = |path: PathBuf| path.strip_prefix(root.path()).map(Path::to_owned).unwrap_or(path);
        found_in(root.path()).into_iter().map(|path| short(path).display().to_string()).collect()
    }

    #[test]
    fn a_local_run_has_what_it_wrote_below_and_ones_own_above() {
        let (local, own) = ((LOCAL, "[bot]\ndatabase_url = \"postgres://x\"\n"), (OWN, "[crm]\n"));
        assert_eq!(found(&[]), [""; 0]);
        assert_eq!(found(&[local]), [LOCAL]);
        assert_eq!(found(&[local, own]), [LOCAL, OWN]);
        assert_eq!(found(&[local, own, (OVER, "/elsewhere/my.toml\n")]), [LOCAL, "/elsewhere/my.toml"]);
    }

    #[test]
    fn the_file_of_an_installation_is_mixed_with_nothing() {
        assert_eq!(found(&[(OWN, "[crm]\n")]), [OWN], "nothing was started here");
        assert_eq!(found(&[(OWN, "[crm]\n"), (OVER, "/elsewhere/my.toml")]), [OWN]);
        let local = (LOCAL, "[bot]\ndatabase_url = \"postgres://x\"\n");
        for data in [
            "[bot]\ndatabase_url = \"postgres://y\"\n",
            "[llm-worker]\ndatabase_url_file = \"/run/secrets/llm\"\n",
            "[nats]\nurl = \"nats://nats:4222\"\n",
        ] {
            assert_eq!(found(&[local, (OWN, data)]), [OWN], "{data}");
        }
        assert_eq!(
            found(&[local, (OWN, "[bot\n")]),
            [LOCAL, OWN],
            "what is wrong with it is told when it is read"
        );
    }
}
