//! How fast messages may go out, as Telegram wants it.

use std::time::Duration;

use events::Key;
use jobs::Limit;

use crate::config::BotServiceConfig;

/// What a message to this chat counts against: the group, the chat, the bot; those that have a limit.
pub(crate) fn limits(config: &BotServiceConfig, bot: &str, chat_id: i64, is_group: bool) -> Vec<Limit> {
    let chat = Key::chat(bot, chat_id);
    let mut limits = Vec::with_capacity(3);
    let mut limit = |key: String, per: Duration, times: u32, burst: u32| {
        if times > 0 {
            limits.push(Limit { key, per: per / times, burst: burst.max(1) });
        }
    };
    let second = Duration::from_secs(1);
    if is_group {
        let most = config.per_group_per_minute;
        limit(format!("group:{chat}"), Duration::from_secs(60), most, most / 4);
    }
    limit(format!("chat:{chat}"), second, config.per_chat_per_second, config.per_chat_burst);
    let most = config.per_bot_per_second;
    limit(bot_limit(bot), second, most, most);
    limits
}

/// The limit of the whole bot.
pub(crate) fn bot_limit(bot: &str) -> String {
    format!("bot:{bot}")
}
