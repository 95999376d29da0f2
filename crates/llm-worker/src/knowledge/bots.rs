//! The bots this worker answers for, each in the versions that conversations are held by.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::Arc;

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

/// A version that can be answered for: its knowledge is stored.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) folder: Arc<BotFolder>,
    noted_at: Timestamp,
}

pub(crate) struct Bots {
    /// The folders on this machine, by name. What is asked without a version, or before any was kept, they answer.
    own: HashMap<String, Arc<BotFolder>>,
    /// What has been used, newest last.
    known: Mutex<VecDeque<Known>>,
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
        let bots = Self { own, known: Mutex::default(), bot_service, pool, clock };
        for folder in bots.own.values() {
            let noted_at = bots.store(folder).await?;
            bots.known.lock().await.push_back(Known { folder: folder.clone(), noted_at });
        }
        Ok(bots)
    }

    /// The bot of this folder in this version; its knowledge is stored. `None` where there is no such bot here.
    pub(crate) async fn get(&self, name: &str, version: &str) -> Result<Option<Arc<BotFolder>>, Failure> {
        // Held while one is fetched: whoever asks for the same meanwhile waits instead of fetching it too.
        let mut known = self.known.lock().await;
        let version = match self.own.get(name) {
            Some(own) if version.is_empty() => own.content_hash(),
            None if version.is_empty() => return Ok(None),
            _ => version,
        };
        let is_it = |one: &Known| one.folder.name() == name && one.folder.content_hash() == version;
        if let Some(one) = known.iter_mut().find(|one| is_it(one)) {
            if self.clock.now().duration_since(one.noted_at) > NOTED_EVERY {
                one.noted_at = self.store(&one.folder).await?;
            }
            return Ok(Some(one.folder.clone()));
        }
        let Some(folder) = self.fetch(name, version).await? else { return Ok(self.own.get(name).cloned()) };
        let noted_at = self.store(&folder).await?;
        if known.len() >= MOST_FETCHED.max(self.own.len()) {
            known.pop_front();
        }
        known.push_back(Known { folder: folder.clone(), noted_at });
        Ok(Some(folder))
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

/// Every folder in `dir`, by name. Takes milliseconds.
fn folders(dir: &Path) -> Result<HashMap<String, Arc<BotFolder>>, LlmError> {
    let unreadable = |source| LlmError::BotsDir { path: dir.to_owned(), source };
    let mut bots = HashMap::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !path.is_dir() || hidden {
            continue;
        }
        let folder = BotFolder::load(&path).map_err(|source| LlmError::Bot { path, source })?;
        bots.insert(folder.name().to_owned(), Arc::new(folder));
    }
    Ok(bots)
}
