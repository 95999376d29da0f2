//! Notices what is published, and what is changed in a folder, while the service runs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bot_folder::{BotFolder, Files, FolderErrors};
use classify::Failure;
use ids::Clock;
use pg::{PgConnection, PgError, Pool};
use tokio_util::sync::CancellationToken;

use super::publish::texts;
use crate::bots::{Bots, BotsError, Served};
use crate::choosable::Choosable;
use crate::domain::Engine;
use crate::introduce::introduce_one;
use crate::store::version;

/// Publications that are tried where this program does not understand the newest.
const MOST_TRIED: usize = 5;
/// How long a change may go unnoticed.
const EVERY: Duration = Duration::from_secs(2);

/// The version of this bot that is to be served now: the published one, else the folder at `path`, which is kept.
pub(crate) async fn load(
    tx: &mut PgConnection,
    bot: &str,
    path: &Path,
    clock: &Clock,
) -> Result<Engine, BotsError> {
    let name = BotFolder::name_of(path);
    let faulty = |faults: FolderErrors| BotsError::Folder { bot: bot.to_owned(), faults: faults.to_string() };
    let mut not_understood = None;
    let said = version::publications(tx, &name).await?;
    // Up to where the folder was to be served.
    for hash in said.into_iter().map_while(|said| said.hash).take(MOST_TRIED) {
        let files = version::files(tx, &name, &hash).await?.unwrap_or_default();
        match BotFolder::from_files(&name, &files) {
            Ok(folder) => return Ok(Engine::new(Arc::new(folder))),
            Err(faults) => {
                let (bot, faults) = (bot.to_owned(), faults.to_string());
                let error = BotsError::Published { bot, version: hash, faults };
                tracing::error!(%error, "what was published before is served instead, else the folder");
                not_understood.get_or_insert(error);
            }
        }
    }
    let folder = BotFolder::files(path).and_then(|files| Ok((BotFolder::from_files(&name, &files)?, files)));
    let (folder, files) = folder.map_err(|faults| not_understood.unwrap_or_else(|| faulty(faults)))?;
    version::keep(tx, &name, folder.content_hash(), &texts(&files), clock.now()).await?;
    Ok(Engine::new(Arc::new(folder)))
}

/// The task.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) choosable: Choosable,
}

/// The engine of a version that is not served any more. `None` where it is not to be had: it was never kept, or
/// this program does not understand it.
pub(crate) fn revive(folder: &str, version: &str, files: Option<Files>) -> Option<Arc<Engine>> {
    let Some(files) = files else {
        tracing::warn!(
            folder,
            version,
            "a conversation began with a version that is not kept; it gets the current one"
        );
        return None;
    };
    match BotFolder::from_files(folder, &files) {
        Ok(folder) => Some(Arc::new(Engine::new(Arc::new(folder)))),
        Err(error) => {
            tracing::warn!(
                folder, version, %error,
                "a conversation began with a version that this program does not understand; it gets the current one"
            );
            None
        }
    }
}

/// What was looked at last; the same is not read again, be it well or faulty.
#[derive(PartialEq)]
enum Seen {
    Published(String),
    Folder(Vec<(String, u64, Option<SystemTime>)>),
}

impl Watch {
    /// Looks until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        let mut seen = HashMap::new();
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            for (name, served) in self.bots.iter() {
                if let Err(error) = self.look(name, served, &mut seen).await {
                    tracing::debug!(bot = name, %error, "which version is published can not be read now");
                }
            }
        }
        Ok(())
    }

    async fn look(
        &self,
        name: &str,
        served: &Served,
        seen: &mut HashMap<String, Seen>,
    ) -> Result<(), PgError> {
        let mut tx = self.pool.begin().await?;
        let now = match version::published(&mut tx, &served.folder).await? {
            Some(hash) => Seen::Published(hash),
            None => Seen::Folder(stamps(&served.path)),
        };
        if seen.get(name) == Some(&now) {
            return Ok(());
        }
        match load(&mut tx, name, &served.path, &self.clock).await {
            Ok(engine) => {
                tx.commit().await?;
                let version = engine.folder().content_hash().to_owned();
                if served.engines.current().folder().content_hash() != version {
                    tracing::info!(bot = name, %version, "another version of the bot is served from now on");
                    served.engines.replace(engine);
                    if let Err(error) = introduce_one(served, &self.choosable).await {
                        tracing::warn!(bot = name, %error, "Telegram could not be told the bot's commands");
                    }
                }
            }
            Err(BotsError::Database(error)) => return Err(error),
            Err(error) => {
                tracing::error!(bot = name, %error, "the bot was changed but has faults; the version before is served");
            }
        }
        seen.insert(name.to_owned(), now);
        Ok(())
    }
}

/// What changes when somebody saves a file: names, sizes and times, two levels deep as bots are.
fn stamps(path: &Path) -> Vec<(String, u64, Option<SystemTime>)> {
    let mut stamps = Vec::new();
    let below = |path: &Path| std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    for entry in below(path).flat_map(|entry| {
        let inside: Vec<_> = below(&entry.path()).collect();
        std::iter::once(entry).chain(inside)
    }) {
        if let Ok(meta) = entry.metadata() {
            let name = entry.path().to_string_lossy().into_owned();
            stamps.push((name, meta.len(), meta.modified().ok()));
        }
    }
    stamps.sort();
    stamps
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::tests::database;
    use crate::versions::publish;
    use crate::versions::tests::shipped;

    fn write(folder: &Path, files: &Files) {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn hash(files: &Files) -> String {
        BotFolder::from_files("dev2production", files).unwrap().content_hash().to_owned()
    }

    #[tokio::test]
    async fn a_saved_folder_is_served_at_once_a_faulty_one_is_not_and_a_published_version_goes_before_both() {
        let (_database, pool) = database().await;
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("dev2production");
        write(&folder, &shipped(0));
        // Nobody listens there: that the commands can not be told keeps no version from being served.
        let toml = "[telegram]\napi_base = \"http://127.0.0.1:1\"\n\
                    [telegram.bots.dev2production]\ntoken = \"1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"";
        let config = service_kit::Settings::from_toml(toml, []).unwrap().section("telegram").unwrap();
        let clock = Clock::system();
        let bots = Arc::new(Bots::load(&config, root.path(), &pool, &clock).await.unwrap());
        let watch = Watch {
            bots: bots.clone(),
            pool: pool.clone(),
            clock: clock.clone(),
            choosable: Choosable::default(),
        };
        let served = bots.get("dev2production").unwrap();
        let now = || served.engines.current().folder().content_hash().to_owned();
        let mut seen = HashMap::new();
        let mut look = async || watch.look("dev2production", served, &mut seen).await.unwrap();
        look().await;
        assert_eq!(now(), hash(&shipped(0)));

        write(&folder, &shipped(11));
        look().await;
        assert_eq!(now(), hash(&shipped(11)));
        fs::write(folder.join("menu.yml"), "commands: [").unwrap();
        look().await;
        assert_eq!(now(), hash(&shipped(11)), "a mistake is not served");

        let bot = BotFolder::from_files("dev2production", &shipped(222)).unwrap();
        publish(&pool, &bot, &shipped(222), "ops", "", clock.now()).await.unwrap();
        look().await;
        assert_eq!(now(), hash(&shipped(222)));
        write(&folder, &shipped(3333));
        look().await;
        assert_eq!(now(), hash(&shipped(222)), "what is published is served whatever the folder says");
        // All that was served is kept, for whoever is still talking with it.
        let kept = crate::versions::versions(&pool, "dev2production").await.unwrap();
        assert_eq!(kept.len(), 3, "{kept:?}");
    }
}
