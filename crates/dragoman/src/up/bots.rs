//! Which bots are served here: every folder below the directory of bots that has no mistake, or of which a version is
//! published, for then the folder does not count.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bot::versions;
use bot_folder::{BotFolder, FolderErrors};
use service_kit::Settings;
use telegram::BotName;

use super::settings::BOT;
use crate::roles;

/// The bots of this machine, and the folders that are none.
#[derive(Debug, Default)]
pub(super) struct Bots {
    /// Below which they lie.
    folder: PathBuf,
    /// The shipped one before the others, for the chat page opens with the first.
    pub(super) served: Vec<BotName>,
    left_out: Vec<LeftOut>,
}

/// A folder that can not be served, and why.
#[derive(Debug)]
struct LeftOut {
    folder: PathBuf,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// More than a folder may be called, less than a bot is.
    Name,
    Mistakes(BotName, FolderErrors),
}

impl Bots {
    /// Only the shipped one.
    pub(super) fn shipped() -> Result<Self> {
        Ok(Self { served: vec![BOT.parse()?], ..Self::default() })
    }

    /// With those of the folders that were left out of which a version is published, in their order.
    pub(super) async fn or_published(mut self, settings: &Settings) -> Result<Self> {
        self.take_published(settings).await;
        self.served.sort_by_key(|name| (name.as_str() != BOT, name.clone()));
        match (self.served.is_empty(), self.left_out.first()) {
            (false, _) => Ok(self),
            (true, Some(first)) => bail!("no bot can be served: {first}"),
            (true, None) => bail!(
                "there is no bot below {}; make one with dragoman bot new NAME, or go to the folder that has them",
                self.folder.display()
            ),
        }
    }

    /// Reads and checks every folder below this one.
    pub(super) fn look(bots: PathBuf) -> Result<Self> {
        let entries = fs::read_dir(&bots).with_context(|| {
            format!(
                "there is no folder {} here; go to the folder that has it, or make a bot with dragoman bot new NAME",
                bots.display()
            )
        })?;
        let mut found = Self { folder: bots, ..Self::default() };
        for folder in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()) {
            let name = BotFolder::name_of(&folder);
            if name.starts_with('.') {
                continue;
            }
            match (BotName::new(&name), BotFolder::load(&folder)) {
                (Ok(name), Ok(_)) => found.served.push(name),
                (Ok(name), Err(mistakes)) => {
                    found.left_out.push(LeftOut { folder, why: Why::Mistakes(name, mistakes) });
                }
                (Err(_), _) => found.left_out.push(LeftOut { folder, why: Why::Name }),
            }
        }
        found.left_out.sort_by(|one, other| one.folder.cmp(&other.folder));
        Ok(found)
    }

    /// Serves those of the others of which a version is published. At the first start there are no tables to ask.
    async fn take_published(&mut self, settings: &Settings) {
        if self.left_out.is_empty() {
            return;
        }
        let Ok(role) = roles::one("bot") else { return };
        let Ok(pool) = service_kit::pool(role, settings).await else { return };
        let mut left_out = Vec::new();
        for one in self.left_out.drain(..) {
            match &one.why {
                Why::Mistakes(name, _) if is_published(&pool, name).await => self.served.push(name.clone()),
                _ => left_out.push(one),
            }
        }
        self.left_out = left_out;
        pool.close().await;
    }

    /// Serves this one too, whatever its folder is like.
    pub(super) fn serve(&mut self, bot: BotName) {
        if !self.served.contains(&bot) {
            self.left_out.retain(|one| !matches!(&one.why, Why::Mistakes(name, _) if *name == bot));
            self.served.push(bot);
        }
    }

    /// A line for each folder that is not served.
    pub(super) fn not_served(&self) -> impl Iterator<Item = String> {
        self.left_out.iter().map(ToString::to_string)
    }
}

async fn is_published(pool: &pg::Pool, bot: &BotName) -> bool {
    let said = versions::history(pool, bot.as_str()).await;
    said.is_ok_and(|said| said.first().is_some_and(|newest| newest.hash.is_some()))
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let folder = self.folder.display();
        match &self.why {
            Why::Name => {
                write!(
                    f,
                    "{folder}: the name of a bot has at most {} characters; rename it",
                    BotName::MAX_LEN
                )
            }
            Why::Mistakes(_, FolderErrors(faults)) => {
                let first = faults.first().map(ToString::to_string).unwrap_or_default();
                let more = match faults.len().saturating_sub(1) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                write!(f, "{folder}/{first}{more} (dragoman bot check {folder})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_with_a_mistake_is_left_out_and_keeps_no_other_from_being_served() {
        let root = tempfile::tempdir().unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bots/dev2production");
        let long = "a-name-of-more-than-thirty-two-letters";
        for name in [BOT, long] {
            symlink(shipped, root.path().join(name)).unwrap();
        }
        fs::create_dir_all(root.path().join(".git")).unwrap();
        fs::create_dir_all(root.path().join("empty")).unwrap();
        fs::write(root.path().join("README.md"), "").unwrap();
        let found = Bots::look(root.path().to_owned()).unwrap();
        let served: Vec<&str> = found.served.iter().map(BotName::as_str).collect();
        assert_eq!(served, [BOT]);
        let said: Vec<String> = found.not_served().collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains(long) && said[0].ends_with("at most 32 characters; rename it"), "{said:?}");
        assert!(said[1].contains("empty/") && said[1].contains("the file is missing"), "{said:?}");
        assert!(said[1].contains(" more (dragoman bot check "), "{said:?}");
    }

    #[tokio::test]
    async fn where_there_is_no_bot_at_all_it_says_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let settings = Settings::from_toml("", []).unwrap();
        let nowhere = Bots::look(root.path().join("bots")).unwrap_err().to_string();
        assert!(nowhere.contains("/bots here; go to the folder that has it"), "{nowhere}");
        let said = async || {
            let looked = Bots::look(root.path().to_owned()).unwrap();
            looked.or_published(&settings).await.unwrap_err().to_string()
        };
        let nothing = said().await;
        assert!(
            nothing.starts_with("there is no bot below ") && nothing.contains("bot new NAME"),
            "{nothing}"
        );
        fs::create_dir(root.path().join("empty")).unwrap();
        let faulty = said().await;
        assert!(faulty.starts_with("no bot can be served: ") && faulty.contains("empty/"), "{faulty}");
    }
}
