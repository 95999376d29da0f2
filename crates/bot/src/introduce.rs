//! At its start a bot learns its name from Telegram and tells it the commands of its menu.

use std::sync::Arc;

use bot_folder::{BotFolder, Lang};
use classify::Failure;
use telegram::client::{BotCommand, SetMyCommands};

use crate::bots::{Bots, Served};

/// Until the name is known groups can reach the bot by command and reply only.
pub(crate) async fn introduce(bots: Arc<Bots>) -> Result<(), Failure> {
    for (_, served) in bots.iter() {
        if served.username.get().is_none() {
            let me = served.api.get_me().await?;
            let _ = served.username.set(me.username.unwrap_or_default());
        }
        tell_commands(served).await?;
    }
    Ok(())
}

/// In every language of the bot, and in its first for everybody else. Saying it again changes nothing.
async fn tell_commands(served: &Served) -> Result<(), Failure> {
    let folder = served.engine.folder();
    served.api.set_my_commands(&menu(folder, folder.bot.default_language, None)).await?;
    for lang in &folder.bot.languages {
        served.api.set_my_commands(&menu(folder, *lang, Some(lang.to_string()))).await?;
    }
    Ok(())
}

fn menu(folder: &BotFolder, lang: Lang, language_code: Option<String>) -> SetMyCommands {
    let listed = folder.menu.commands.iter().filter(|command| !command.hidden);
    let commands = listed.map(|command| BotCommand {
        command: command.name.clone(),
        description: command.description.get(lang).to_owned(),
    });
    SetMyCommands { commands: commands.collect(), scope: None, language_code }
}
