//! The bots this worker answers for, each in the versions that conversations are held by.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use bot_folder::{BotFolder, Files};
use classify::{Class, Failure};
use ids::{Clock, SignedDuration, Timestamp};
use pg::Pool;
use rpc::bot::versions_client::VersionsClient;
use rpc::bot::{GetVersionRequest, GetVersionResponse};
use rpc::{Bearer, Channel, Code, InterceptedService};
use tokio::sync::Mutex;

use super::documents;
use crate::error::LlmError;
use crate::store;

/// The client of the bot service; connects when first used.
type Versions = VersionsClient<InterceptedService<Channel, Bearer>>;

/// Versions held in memory at a time.
const MOST_FETCHED: usize = 16;
/// The digits of a hash that tell versions apart.
const SHORT: usize = 12;
/// How often it is noted that a version is in use.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Longer than any conversation is kept waiting; then the knowledge of a version is let go.
const KEPT_UNUSED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long it is believed that there is no such version. A version that has just been published may be asked for
/// before the bot service has written it down.
const NOT_THERE: SignedDuration = SignedDuration::from_secs(10);

/// A folder's name and the hash of its content.
type Name = (String, String);

/// What is known of one version. Locked while it is found out: whoever asks for the same meanwhile waits instead of
/// fetching it too, and nobody who asks for another waits for that.
type Slot = Arc<Mutex<Known>>;

#[derive(Debug)]
enum Known {
    Nothing,
    /// It can be answered for: its knowledge is stored, and it was noted then that it is in use.
    Here {
        folder: Arc<BotFolder>,
        noted_at: Timestamp,
    },
    /// The bot service had no such version then.
    NotThere {
        asked_at: Timestamp,
    },
}

pub(crate) struct Bots {
    /// The folders on this machine, by name. What is asked without a version, or before any was kept, they answer.
    own: HashMap<String, Arc<BotFolder>>,
    /// What has been used, newest last. Held for moments.
    known: std::sync::Mutex<VecDeque<(Name, Slot)>>,
    bot_service: Versions,
    pool: Pool,
    clock: Clock,
}

impl Bots {
    /// Reads every folder in `dir` and stores what it knows. Several replicas may do so at once.
    pub(crate) async fn load(
        dir: &Path,
        bot_service: Versions,
        pool: Pool,
        clock: Clock,
    ) -> Result<Self, LlmError> {
        let own = folders(dir)?;
        let bots = Self { own, known: std::sync::Mutex::default(), bot_service, pool, clock };
        for folder in bots.own.values() {
            let noted_at = bots.store(folder).await?;
            let slot = bots.slot(folder.name(), folder.content_hash());
            *slot.lock().await = Known::Here { folder: folder.clone(), noted_at };
        }
        Ok(bots)
    }

    /// The bot of this folder in this version; its knowledge is stored. `None` where there is no such bot here.
    pub(crate) async fn get(&self, name: &str, version: &str) -> Result<Option<Arc<BotFolder>>, Failure> {
        let version = match self.own.get(name) {
            Some(own) if version.is_empty() => own.content_hash(),
            None if version.is_empty() => return Ok(None),
            _ => version,
        };
        let slot = self.slot(name, version);
        let mut known = slot.lock().await;
        let now = self.clock.now();
        match &mut *known {
            Known::Here { folder, noted_at } => {
                if now.duration_since(*noted_at) > NOTED_EVERY {
                    *noted_at = self.store(folder).await?;
                }
                return Ok(Some(folder.clone()));
            }
            Known::NotThere { asked_at } if now.duration_since(*asked_at) < NOT_THERE => {
                return Ok(self.own.get(name).cloned());
            }
            Known::Nothing | Known::NotThere { .. } => {}
        }
        let Some(folder) = self.fetch(name, version).await? else {
            *known = Known::NotThere { asked_at: now };
            return Ok(self.own.get(name).cloned());
        };
        let noted_at = self.store(&folder).await?;
        *known = Known::Here { folder: folder.clone(), noted_at };
        Ok(Some(folder))
    }

    /// The place of a version, which is the newest used from now on; the one that was not used for longest is forgotten
    /// for a new one.
    fn slot(&self, name: &str, version: &str) -> Slot {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().position(|((folder, hash), _)| folder == name && hash == version);
        let one = found.and_then(|number| known.remove(number)).unwrap_or_else(|| {
            let name = (name.to_owned(), version.to_owned());
            (name, Arc::new(Mutex::new(Known::Nothing)))
        });
        if known.len() >= MOST_FETCHED.max(self.own.len()) {
            known.pop_front();
        }
        let slot = one.1.clone();
        known.push_back(one);
        slot
    }

    /// Asks the bot service. `None` where it keeps no such version, or one that this program does not understand.
    async fn fetch(&self, name: &str, version: &str) -> Result<Option<Arc<BotFolder>>, Failure> {
        let wanted = GetVersionRequest { folder: name.to_owned(), version: version.to_owned() };
        let files = match self.bot_service.clone().get(wanted).await {
            Ok(response) => files(response.into_inner()),
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                tracing::warn!(folder = name, version, "no such version is kept; the folder here answers");
                return Ok(None);
            }
            Err(status) => {
                let why =
                    format!("the bot service did not say what version {version} of {name} is: {status}");
                return Err(Failure::new(Class::Transient, why));
            }
        };
        match BotFolder::from_files(name, &files) {
            Ok(folder) => Ok(Some(Arc::new(folder))),
            Err(error) => {
                tracing::warn!(folder = name, version, %error, "a version is not understood; the folder here answers");
                Ok(None)
            }
        }
    }

    /// Writes what a version knows into the database, as far as it is not there, and lets go what nobody uses.
    async fn store(&self, folder: &BotFolder) -> Result<Timestamp, pg::PgError> {
        let (name, now) = (key(folder), self.clock.now());
        store::knowledge::touch(&self.pool, &name, folder.name(), now).await?;
        let documents = documents::of(folder);
        let changes = store::documents::replace(&self.pool, &name, &documents).await?;
        let since = now.checked_sub(KEPT_UNUSED).unwrap_or(Timestamp::UNIX_EPOCH);
        let let_go = store::knowledge::prune(&self.pool, folder.name(), since).await?;
        tracing::info!(
            knowledge = name,
            documents = documents.len(),
            written = changes.written,
            removed = changes.removed,
            let_go,
            "the knowledge of the bot is stored"
        );
        Ok(now)
    }
}

/// What the knowledge of a version is kept under.
pub(crate) fn key(folder: &BotFolder) -> String {
    format!("{}@{}", folder.name(), folder.content_hash().get(..SHORT).unwrap_or_default())
}

/// What the documents are kept under that an administrator gave to a bot.
pub(crate) fn given_key(folder: &str) -> String {
    format!("{folder}+given")
}

fn files(response: GetVersionResponse) -> Files {
    response.files.into_iter().map(|file| (file.name, file.text.into_bytes())).collect()
}

/// Every folder in `dir`, by name. Takes milliseconds. One with a mistake keeps no other bot from being answered for: its own
/// is answered for by the versions that the bot service keeps, and that service says whether it can be served.
fn folders(dir: &Path) -> Result<HashMap<String, Arc<BotFolder>>, LlmError> {
    let unreadable = |source| LlmError::BotsDir { path: dir.to_owned(), source };
    let mut bots = HashMap::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !path.is_dir() || hidden {
            continue;
        }
        match BotFolder::load(&path) {
            Ok(folder) => {
                bots.insert(folder.name().to_owned(), Arc::new(folder));
            }
            Err(mistakes) => {
                tracing::warn!(folder = %path.display(), %mistakes, "the folder of a bot has mistakes and is left out");
            }
        }
    }
    Ok(bots)
}

#[cfg(test)]
mod tests;
