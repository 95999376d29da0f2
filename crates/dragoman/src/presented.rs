//! How a bot of the settings presents itself on Telegram: what its folder says, and the way to say it.

use anyhow::{Result, anyhow};
use bot::BotServiceConfig;
use bot::profile::{self, Shown};
use bot_folder::BotFolder;
use llm_worker::LlmConfig;
use service_kit::Settings;
use telegram::{BotApi, BotConfig, BotName, SendError, TelegramConfig};

pub(crate) struct Presented {
    pub(crate) api: BotApi,
    pub(crate) shown: Vec<Shown>,
}

impl Presented {
    /// Reads the folder that the bot is named for.
    pub(crate) fn of(
        settings: &Settings,
        config: &TelegramConfig,
        name: &BotName,
        bot: &BotConfig,
    ) -> Result<Self> {
        let bots_dir = settings.section::<BotServiceConfig>("bot")?.bots_dir;
        let path = bots_dir.join(bot.folder.as_deref().unwrap_or(name.as_str()));
        let folder =
            BotFolder::load(&path).map_err(|faults| anyhow!("{} has mistakes:\n{faults}", path.display()))?;
        // The command is listed while there is something to choose; the bot service sees to it later on.
        let has_models = !settings.section::<LlmConfig>("llm-worker")?.routing.choosable.is_empty();
        let api = BotApi::new(&config.api_base, &bot.token, telegram::http_client(&config.api_base)?)?;
        Ok(Self { api, shown: profile::shown(&folder, has_models) })
    }

    /// Has Telegram show one of them; whether it did not yet. What is so already is not said again, for Telegram takes
    /// few changes of a name a day.
    pub(crate) async fn tell(&self, one: &Shown) -> Result<bool, SendError> {
        if one.is_so(&self.api).await? {
            return Ok(false);
        }
        one.tell(&self.api).await?;
        Ok(true)
    }
}
