//! What is to be otherwise than `dragoman up` says itself: a file of one's own, and the environment over it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use service_kit::Settings;

use super::local::Local;
use crate::environment::{self, OWN};
use crate::roles::ROLES;

pub(super) struct Own {
    /// The file that was named, whole; none where it is the one that lies here.
    named: Option<PathBuf>,
    settings: Settings,
}

impl Own {
    /// Reads the file that was named, else `dragoman.toml` if there is one here. All that is wrong with it is told
    /// before anything is started.
    pub(super) fn read(named: Option<&Path>) -> Result<Self> {
        let here = || Some(PathBuf::from(OWN)).filter(|file| file.is_file());
        let file = named.map(Path::to_owned).or_else(here);
        if let Some(file) = &file {
            // Without the variables: they may complete what only `dragoman up` itself says.
            let alone = Settings::load(Some(file), [])?;
            refuse_an_installation(&alone)?;
            service_kit::check_settings(ROLES, &alone)?;
        }
        let settings = environment::load(&file.into_iter().collect::<Vec<_>>())?;
        let whole =
            |file: &Path| file.canonicalize().with_context(|| format!("there is no {}", file.display()));
        Ok(Self { named: named.map(whole).transpose()?, settings })
    }

    /// Over what `dragoman up` says itself.
    pub(super) fn over(&self, under: &Settings) -> Settings {
        self.settings.over(under)
    }

    /// Over the file that it has written; the other commands find the same from now on.
    pub(super) fn over_written(&self, local: &Local) -> Result<Settings> {
        local.note_over(self.named.as_deref())?;
        Ok(self.over(&Settings::load(Some(&local.settings_file()), [])?))
    }
}

/// Whoever starts this beside the settings of an installation does not mean to serve that one's data.
fn refuse_an_installation(settings: &Settings) -> Result<()> {
    let Some(path) = environment::data_of(settings) else { return Ok(()) };
    let variable = if path == ["nats", "url"] { "NATS_URL" } else { "DATABASE_URL" };
    bail!(
        "{}: {} belongs to an installation, which `dragoman run` starts; take it out for `dragoman up`, which has servers \
         of its own (or yours, by {variable}), or name another file with -c",
        settings.place(&path),
        path.join(".")
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refusal(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("my.toml");
        fs::write(&file, text).unwrap();
        let said = Own::read(Some(&file)).map(|_| ()).unwrap_err().to_string();
        said.rsplit_once('/').map_or(said.clone(), |(_, said)| said.to_owned())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_before_anything_is_started() {
        let unknown = refusal("[crm]\nalert = []\n");
        assert!(unknown.starts_with("my.toml:2:1: crm.alert: there is no such setting"), "{unknown}");
        assert!(refusal("[crn]\n").starts_with("my.toml:1:2: there is no section [crn]"));
        assert!(refusal("[crm\n").starts_with("my.toml:1:"));
    }

    #[test]
    fn the_file_of_an_installation_is_not_served() {
        let said = refusal("[server]\n[bot]\ndatabase_url_file = \"/run/secrets/bot\"\n");
        assert!(
            said.starts_with(
                "my.toml:2:2: bot.database_url belongs to an installation, which `dragoman run`"
            ),
            "{said}"
        );
        let said = refusal("[nats]\nurl = \"nats://u:hunter2@nats:4222\"\n");
        assert!(said.starts_with("my.toml:2:1: nats.url belongs to") && said.contains("NATS_URL"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
