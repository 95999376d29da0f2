//! On the chat page the bot presents itself as its folder says. A real bot is presented by `dragoman bot register`: what
//! people see of it is not changed by starting something.

use anyhow::{Context, Result};
use service_kit::Settings;
use telegram::{BotName, TelegramConfig};

use super::settings::BOT;
use crate::commands::print;
use crate::presented::Presented;

/// Nobody is kept from the bot by what is not said of it.
pub(super) async fn show(settings: &Settings) -> Result<()> {
    let Err(error) = tell(settings).await else { return Ok(()) };
    print(&format!("the chat page does not show how the bot presents itself: {error:#}"))
}

async fn tell(settings: &Settings) -> Result<()> {
    let config: TelegramConfig = settings.section("telegram")?;
    let name: BotName = BOT.parse()?;
    let bot = config.bots.get(&name).context("it is not in the settings")?;
    let presented = Presented::of(settings, &config, &name, bot)?;
    for one in &presented.shown {
        presented.tell(one).await?;
    }
    Ok(())
}
