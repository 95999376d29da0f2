//! At its start a bot learns its name from Telegram and tells it the commands of its menu.

use std::sync::Arc;

use classify::Failure;
use telegram::SendError;

use crate::bots::{Bots, Served};
use crate::choosable::Choosable;
use crate::profile;

/// Until the name is known groups can reach the bot by command and reply only.
pub(crate) async fn introduce(bots: Arc<Bots>, choosable: Choosable) -> Result<(), Failure> {
    let mut all = Ok(());
    // Who has been introduced is not again, however often another one fails.
    for (name, served) in bots.iter().filter(|(_, served)| served.introduced.get().is_none()) {
        match introduce_one(served, &choosable).await {
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

/// Says it again after the menu has changed, or whether there are models to choose.
pub(crate) async fn introduce_one(served: &Served, choosable: &Choosable) -> Result<(), SendError> {
    if served.username.get().is_none() {
        let me = served.api.get_me().await?;
        let _ = served.username.set(me.username.unwrap_or_default());
    }
    // In every language of the bot, and in its first for everybody else.
    for commands in profile::commands(served.engines.current().folder(), !choosable.get().is_empty()) {
        commands.tell(&served.api).await?;
    }
    Ok(())
}
