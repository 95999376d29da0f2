use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ids::{Ids, Secret};
use serde::{Deserialize, Serialize};

use super::settings::BOT;

/// What this machine's installation keeps between two starts: secrets that nobody had to think of.
pub(super) struct Local {
    folder: PathBuf,
    secrets: Secrets,
    first_start: bool,
}

/// Keys that are not known are dropped: an earlier version kept one password that all others were made of.
#[derive(Serialize, Deserialize)]
struct Secrets {
    admin_token: String,
    internal_token: String,
    /// Of the bot that comes with the project.
    bot_token: String,
    /// Of the other bots, by their names.
    #[serde(default)]
    bot_tokens: BTreeMap<String, String>,
    /// Signs links to files. None in what an earlier version kept.
    #[serde(default)]
    link_secret: String,
    /// The password of each service's login role, by its schema. Nothing of one can be learned from another.
    #[serde(default)]
    database_passwords: BTreeMap<String, String>,
}

impl Local {
    /// Opens the folder; makes it and draws the secrets at the first start, and the password of a service when
    /// it is first seen. A role's password is set anew at each start, so one that is lost can be drawn again.
    pub(super) fn open(folder: &Path, schemas: impl IntoIterator<Item = &'static str>) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
        let (file, ids) = (folder.join("secrets.json"), Ids::system());
        let first_start = !file.exists();
        let mut secrets = if first_start {
            Secrets::draw(&ids)
        } else {
            let text =
                fs::read_to_string(&file).with_context(|| format!("{} can not be read", file.display()))?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged; delete it and start again", file.display()))?
        };
        if secrets.link_secret.is_empty() {
            secrets.link_secret = secret(&ids);
        }
        for schema in schemas {
            secrets.database_passwords.entry(schema.to_owned()).or_insert_with(|| secret(&ids));
        }
        write_private(&folder.join("admin-token"), &secrets.admin_token)?;
        let local = Self { folder: folder.to_owned(), secrets, first_start };
        // Also where nothing is new: an earlier version, or a copy, may have left it readable to others.
        local.keep()?;
        Ok(local)
    }

    fn keep(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.secrets)?;
        write_private(&self.folder.join("secrets.json"), &text)
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

    /// The token by which the simulator knows this bot; drawn when the bot is first seen.
    pub(super) fn bot_token(&mut self, bot: &str) -> Result<Secret> {
        if bot != BOT && !self.secrets.bot_tokens.contains_key(bot) {
            let token = self.secrets.next_bot_token(&Ids::system());
            self.secrets.bot_tokens.insert(bot.to_owned(), token);
            self.keep()?;
        }
        Ok(Secret::new(self.secrets.bot_tokens.get(bot).unwrap_or(&self.secrets.bot_token).as_str()))
    }

    pub(super) fn link_secret(&self) -> &str {
        &self.secrets.link_secret
    }

    /// Where the files are that people send.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// The password of a service's login role. Empty, and refused by whoever sets it, for a schema that was not
    /// named to [`Local::open`].
    pub(super) fn password(&self, schema: &str) -> &str {
        self.secrets.database_passwords.get(schema).map_or("", String::as_str)
    }

    /// The settings that the other commands read too.
    pub(super) fn settings_file(&self) -> PathBuf {
        self.folder.join("dragoman.toml")
    }

    pub(super) fn write_settings(&self, text: &str) -> Result<()> {
        write_private(&self.settings_file(), text)
    }

    /// Notes which file lies over them, where it is not the one that lies beside this folder.
    pub(super) fn note_over(&self, file: Option<&Path>) -> Result<()> {
        let note = self.folder.join("over");
        match file {
            Some(file) => write_private(&note, &file.display().to_string()),
            None => match fs::remove_file(&note) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("{} can not be removed", note.display()))
                }
                _ => Ok(()),
            },
        }
    }
}

impl Secrets {
    fn draw(ids: &Ids) -> Self {
        Self {
            admin_token: secret(ids),
            internal_token: secret(ids),
            bot_token: format!("1000001:{}", secret(ids)),
            bot_tokens: BTreeMap::new(),
            link_secret: secret(ids),
            database_passwords: BTreeMap::new(),
        }
    }

    /// With a number in front that no other bot has, for by it Telegram tells them apart.
    fn next_bot_token(&self, ids: &Ids) -> String {
        let taken = self.bot_tokens.values().chain([&self.bot_token]);
        let numbers = taken.filter_map(|token| token.split_once(':')?.0.parse::<u32>().ok());
        format!("{}:{}", numbers.max().unwrap_or(1_000_000).saturating_add(1), secret(ids))
    }
}

/// 148 random bits: two UUIDv7 have 74 each.
fn secret(ids: &Ids) -> String {
    format!("{}{}", ids.uuid().simple(), ids.uuid().simple())
}

/// Writes whole or not at all, readable by nobody else.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        // A file that is there would keep its mode, and a link would be followed.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("{} can not be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const SCHEMAS: [&str; 3] = ["gateway", "bot", "crm"];

    fn passwords(local: &Local) -> Vec<String> {
        SCHEMAS.iter().map(|schema| local.password(schema).to_owned()).collect()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn each_service_has_a_password_that_tells_nothing_of_the_others_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let drawn = passwords(&Local::open(folder.path(), SCHEMAS).unwrap());
        for (nth, one) in drawn.iter().enumerate() {
            assert_eq!(one.len(), 64);
            let others = drawn.iter().enumerate().filter(|(other, _)| *other != nth);
            for (_, other) in others {
                // The beginning of each half is the time.
                assert_ne!((&one[16..32], &one[48..]), (&other[16..32], &other[48..]));
            }
        }
        let again = Local::open(folder.path(), SCHEMAS).unwrap();
        assert!(!again.is_first_start());
        assert_eq!(passwords(&again), drawn);
        assert_eq!(again.password("nobody"), "");
    }

    #[test]
    fn each_bot_has_a_token_of_its_own_and_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut local = Local::open(folder.path(), SCHEMAS).unwrap();
        let names = [BOT, "corner-shop", "desk"];
        let tokens = |local: &mut Local| names.map(|name| local.bot_token(name).unwrap());
        let drawn = tokens(&mut local);
        let number = |token: &Secret| token.expose().split_once(':').unwrap().0.to_owned();
        assert_eq!(drawn.each_ref().map(number), ["1000001", "1000002", "1000003"]);
        let mut again = Local::open(folder.path(), SCHEMAS).unwrap();
        assert_eq!(tokens(&mut again).each_ref().map(Secret::expose), drawn.each_ref().map(Secret::expose));
    }

    #[test]
    fn nobody_else_reads_what_is_kept_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["secrets.new", "admin-token", "dragoman.toml"] {
            fs::write(folder.path().join(name), "open").unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        Local::open(folder.path(), SCHEMAS).unwrap().write_settings("x").unwrap();
        for name in ["secrets.json", "admin-token", "dragoman.toml"] {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn the_secrets_of_an_earlier_version_are_taken_over_but_for_the_one_password() {
        let folder = tempfile::tempdir().unwrap();
        let earlier =
            r#"{"admin_token":"a","internal_token":"i","bot_token":"1:b","database_password":"hunter2"}"#;
        fs::write(folder.path().join("secrets.json"), earlier).unwrap();
        let local = Local::open(folder.path(), SCHEMAS).unwrap();
        assert_eq!((local.admin_token(), local.is_first_start()), ("a", false));
        assert!(passwords(&local).iter().all(|one| one.len() == 64 && !one.contains("hunter2")));
        assert!(!fs::read_to_string(folder.path().join("secrets.json")).unwrap().contains("hunter2"));
    }
}
