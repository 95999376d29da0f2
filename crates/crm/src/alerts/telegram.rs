//! A chat of Telegram, by a bot of the operator's.

use std::time::Duration;

use ::telegram::client::SendMessage;
use ::telegram::text::{MAX_TEXT, utf16};
use ::telegram::{BotApi, SendError};
use outbound::AddressGuard;

use super::receiver::{NotTold, address, needed};
use crate::adapters::{Caller, Trouble};
use crate::config::AlertConfig;

const USUAL: &str = "https://api.telegram.org";
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Telegram {
    caller: Caller,
    api: BotApi,
    chat: i64,
}

impl Telegram {
    pub(super) fn new(config: &AlertConfig, guard: &AddressGuard, caller: Caller) -> Result<Self, String> {
        let token = needed(&config.bot_token, "bot_token")?;
        let chat = needed(&config.chat, "chat")?;
        let chat = chat.expose().parse().map_err(|_| "chat must be the number of a chat".to_owned())?;
        let url = address(&config.url, USUAL, guard)?;
        // With the guard of addresses, which the client of the bots does not have.
        let api = BotApi::new(&url, &token, caller.client().clone());
        let api = api.map_err(|_| "bot_token is not a token of a bot".to_owned())?;
        Ok(Self { caller, api: api.with_timeouts(TIMEOUT, TIMEOUT), chat })
    }

    pub(super) async fn tell(&self, text: &str) -> Result<(), NotTold> {
        self.caller.turn().await.map_err(|trouble| match trouble {
            Trouble::Busy { after, .. } => NotTold::NoTurn(after),
            other => NotTold::Failed(other.word().to_owned()),
        })?;
        let (end, _) = utf16::prefix(text, MAX_TEXT);
        let message = SendMessage::new(self.chat, &text[..end]);
        match self.api.send_message(&message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(not_told(&error)),
        }
    }
}

fn not_told(error: &SendError) -> NotTold {
    let why = classify::chain(error);
    match error {
        SendError::RetryAfter(wait) => NotTold::Later(*wait),
        error if error.outcome_is_unknown() => NotTold::Unknown(why),
        SendError::NotSent(_) | SendError::Server(_) | SendError::Unknown(_) => NotTold::Failed(why),
        SendError::ChatMigrated(to) => NotTold::Never(format!("the chat is now {to}; put that into chat")),
        _ => NotTold::Never(why),
    }
}
