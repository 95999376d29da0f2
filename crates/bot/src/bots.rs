//! The bots that this process serves: each one's engine, its line to Telegram, its name there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use bot_folder::BotFolder;
use telegram::{BotApi, TelegramConfig};

use crate::domain::Engine;

/// One served bot.
pub(crate) struct Served {
    pub(crate) engine: Engine,
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
    #[error("the token of bot {bot} does not fit into an address")]
    Token { bot: String, source: telegram::client::BotApiError },
    #[error("no connection to Telegram can be prepared")]
    Http(#[from] telegram::HttpClientError),
}

impl Bots {
    /// Reads every configured bot's folder below `dir`. No network.
    pub(crate) fn load(config: &TelegramConfig, dir: &Path) -> Result<Self, BotsError> {
        let http = telegram::http_client(&config.api_base)?;
        let mut bots = BTreeMap::new();
        for (name, bot) in &config.bots {
            let path = dir.join(bot.folder.as_deref().unwrap_or(name.as_str()));
            let folder = BotFolder::load(&path)
                .map_err(|faults| BotsError::Folder { bot: name.to_string(), faults: faults.to_string() })?;
            let api = BotApi::new(&config.api_base, &bot.token, http.clone())
                .map_err(|source| BotsError::Token { bot: name.to_string(), source })?;
            let engine = Engine::new(Arc::new(folder));
            let served = Served {
                engine,
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
