use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ids::Ids;
use serde::{Deserialize, Serialize};

/// What this machine's installation keeps between two starts: secrets that nobody had to think of.
pub(super) struct Local {
    folder: PathBuf,
    secrets: Secrets,
    first_start: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    admin_token: String,
    internal_token: String,
    bot_token: String,
    /// What the services' passwords are made of.
    database_password: String,
}

impl Local {
    /// Opens the folder; makes it and draws the secrets at the first start.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
        let file = folder.join("secrets.json");
        let first_start = !file.exists();
        let secrets = if first_start {
            let secrets = Secrets::draw(&Ids::system());
            write_private(&file, &serde_json::to_string_pretty(&secrets)?)?;
            secrets
        } else {
            let text =
                fs::read_to_string(&file).with_context(|| format!("{} can not be read", file.display()))?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged; delete it and start again", file.display()))?
        };
        write_private(&folder.join("admin-token"), &secrets.admin_token)?;
        Ok(Self { folder: folder.to_owned(), secrets, first_start })
    }

    pub(super) const fn is_first_start(&self) -> bool {
        self.first_start
    }

    pub(super) fn admin_token(&self) -> &str {
        &self.secrets.admin_token
    }

    pub(super) fn internal_token(&self) -> &str {
        &self.secrets.internal_token
    }

    pub(super) fn bot_token(&self) -> &str {
        &self.secrets.bot_token
    }

    /// The password of a service's login role.
    pub(super) fn password(&self, schema: &str) -> String {
        format!("{}{schema}", self.secrets.database_password)
    }

    /// Writes the settings that the other commands read too.
    pub(super) fn write_settings(&self, text: &str) -> Result<()> {
        write_private(&self.folder.join("dragoman.toml"), text)
    }
}

impl Secrets {
    fn draw(ids: &Ids) -> Self {
        // 148 random bits: two UUIDv7 have 74 each.
        let secret = || format!("{}{}", ids.uuid().simple(), ids.uuid().simple());
        Self {
            admin_token: secret(),
            internal_token: secret(),
            bot_token: format!("1000001:{}", secret()),
            database_password: secret(),
        }
    }
}

/// Writes whole or not at all, readable by nobody else.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("{} can not be written", path.display()))
}
