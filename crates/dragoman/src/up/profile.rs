//! On the chat page each bot presents itself as its folder says. A real bot is presented by `dragoman bot register`: what
//! people see of it is not changed by starting something.

use anyhow::Result;
use service_kit::Settings;
use telegram::{BotConfig, BotName, TelegramConfig};

use crate::commands::print;
use crate::presented::Presented;

/// Nobody is kept from a bot by what is not said of it.
pub(super) async fn show(settings: &Settings) -> Result<()> {
    let config: TelegramConfig = settings.section("telegram")?;
    for (name, bot) in &config.bots {
        if let Err(error) = tell(settings, &config, name, bot).await {
            print(&format!("the chat page does not show how {name} presents itself: {error:#}"))?;
        }
    }
    Ok(())
}

async fn tell(settings: &Settings, config: &TelegramConfig, name: &BotName, bot: &BotConfig) -> Result<()> {
    let presented = Presented::of(settings, config, name, bot)?;
    for one in &presented.shown {
        presented.tell(one).await?;
    }
    Ok(())
}
