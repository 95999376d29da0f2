//! The bots that this process serves: each one's engine, its line to Telegram, its name there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bot_folder::BotFolder;
use ids::Clock;
use pg::{PgError, Pool};
use telegram::{BotApi, TelegramConfig};

use crate::versions::{self, Engines};

/// One served bot.
pub(crate) struct Served {
    pub(crate) engines: Engines,
    /// Its folder's name, by which its versions are kept.
    pub(crate) folder: String,
    /// Where the folder is; it need not be there once a version is published.
    pub(crate) path: PathBuf,
    pub(crate) api: BotApi,
    /// Its account on Telegram, as its token tells.
    user_id: Option<i64>,
    /// Its name on Telegram without the `@`, once Telegram has told it; needed only in groups.
    pub(crate) username: OnceLock<String>,
    /// Telegram knows its commands.
    pub(crate) introduced: OnceLock<()>,
}

/// By what a bot is meant in a group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Me<'a> {
    pub(crate) user_id: Option<i64>,
    /// Without the `@`; none until Telegram has told it.
    pub(crate) username: Option<&'a str>,
}

impl Served {
    pub(crate) fn me(&self) -> Me<'_> {
        Me { user_id: self.user_id, username: self.username.get().map(String::as_str) }
    }
}

/// All served bots by their names in the configuration.
pub(crate) struct Bots(BTreeMap<String, Arc<Served>>);

/// Why the bots can not be served; one sentence or a list of faults, for a person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BotsError {
    #[error("the folder of bot {bot} has faults:\n{faults}")]
    Folder { bot: String, faults: String },
    #[error(
        "the published version {version} of bot {bot} is not understood by this program; go back with dragoman bot \
         rollback, or publish a mended one:\n{faults}"
    )]
    Published { bot: String, version: String, faults: String },
    #[error("the versions of the bots can not be read")]
    Database(#[from] PgError),
    #[error("the token of bot {bot} does not fit into an address")]
    Token { bot: String, source: telegram::client::BotApiError },
    #[error("no connection to Telegram can be prepared")]
    Http(#[from] telegram::HttpClientError),
}

impl Bots {
    /// Reads every configured bot: the version that is published, else its folder below `dir`.
    pub(crate) async fn load(
        config: &TelegramConfig,
        dir: &Path,
        pool: &Pool,
        clock: &Clock,
    ) -> Result<Self, BotsError> {
        let http = telegram::http_client(&config.api_base)?;
        let mut bots = BTreeMap::new();
        for (name, bot) in &config.bots {
            let path = dir.join(bot.folder.as_deref().unwrap_or(name.as_str()));
            let mut tx = pool.begin().await.map_err(PgError::from)?;
            let engine = versions::load(&mut tx, name.as_str(), &path, clock).await?;
            tx.commit().await.map_err(PgError::from)?;
            let api = BotApi::new(&config.api_base, &bot.token, http.clone())
                .map_err(|source| BotsError::Token { bot: name.to_string(), source })?;
            let served = Served {
                engines: Engines::new(engine),
                folder: BotFolder::name_of(&path),
                path,
                api,
                user_id: bot.user_id(),
                username: OnceLock::new(),
                introduced: OnceLock::new(),
            };
            bots.insert(name.to_string(), Arc::new(served));
        }
        Ok(Self(bots))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Served>> {
        self.0.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Served>)> {
        self.0.iter().map(|(name, served)| (name.as_str(), served))
    }
}
