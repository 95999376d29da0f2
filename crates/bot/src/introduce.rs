//! At its start a bot learns its name from Telegram and tells it the commands of its menu.

use std::sync::Arc;

use bot_folder::{BotFolder, Lang};
use classify::Failure;
use telegram::SendError;
use telegram::client::{BotCommand, SetMyCommands};

use crate::bots::{Bots, Served};

/// Until the name is known groups can reach the bot by command and reply only.
pub(crate) async fn introduce(bots: Arc<Bots>) -> Result<(), Failure> {
    let mut all = Ok(());
    // Who has been introduced is not again, however often another one fails.
    for (name, served) in bots.iter().filter(|(_, served)| served.introduced.get().is_none()) {
        match introduce_one(served).await {
            Ok(()) => {
                let _ = served.introduced.set(());
            }
            Err(error) => {
                // A token that was revoked is no reason to keep the other bots from it.
                let error = Failure::from(error);
                tracing::warn!(bot = name, %error, "a bot could not be introduced to Telegram");
                all = all.and(Err(error));
            }
        }
    }
    all
}

/// Says it again after the menu has changed.
pub(crate) async fn introduce_one(served: &Served) -> Result<(), SendError> {
    if served.username.get().is_none() {
        let me = served.api.get_me().await?;
        let _ = served.username.set(me.username.unwrap_or_default());
    }
    tell_commands(served).await
}

/// In every language of the bot, and in its first for everybody else. Saying it again changes nothing.
async fn tell_commands(served: &Served) -> Result<(), SendError> {
    let engine = served.engines.current();
    let folder = engine.folder();
    served.api.set_my_commands(&menu(folder, folder.bot.default_language, None)).await?;
    for lang in folder.bot.languages.iter().filter(|lang| is_telegrams(**lang)) {
        served.api.set_my_commands(&menu(folder, *lang, Some(lang.to_string()))).await?;
    }
    Ok(())
}

/// Telegram takes codes of two letters only. Who speaks another language sees the commands of the first.
fn is_telegrams(lang: Lang) -> bool {
    lang.as_str().len() == 2
}

fn menu(folder: &BotFolder, lang: Lang, language_code: Option<String>) -> SetMyCommands {
    let listed = folder.menu.commands.iter().filter(|command| !command.hidden);
    let commands = listed.map(|command| BotCommand {
        command: command.name.clone(),
        description: command.description.get(lang).to_owned(),
    });
    SetMyCommands { commands: commands.collect(), scope: None, language_code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_of_three_letters_has_no_list_of_its_own() {
        assert!(is_telegrams(Lang::EN));
        assert!(!is_telegrams("kab".parse().unwrap()));
    }
}
