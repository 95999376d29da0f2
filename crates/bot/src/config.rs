use std::path::PathBuf;

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// Conversations, and sending to Telegram.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BotServiceConfig {
    /// `postgres://dragoman_bot:password@host/database`: this service's own login role.
    pub database_url: Secret,
    /// Connections to Postgres at most.
    pub max_connections: u32,
    /// The directory that holds a folder per bot.
    pub bots_dir: PathBuf,
    /// Sends of this process under way at once. At least the wanted rate × Telegram's round trip.
    pub send_concurrency: usize,
    /// Messages per second to one private chat; Telegram's advice is 1. Zero: no limit of ours.
    pub per_chat_per_second: u32,
    /// Messages that one chat may get at once after a rest.
    pub per_chat_burst: u32,
    /// Messages per minute to one group; Telegram's limit is 20. Zero: no limit of ours.
    pub per_group_per_minute: u32,
    /// Messages per second of one bot to all chats; Telegram's limit is 30, or 1,000 where the owner pays.
    /// Zero: no limit of ours.
    pub per_bot_per_second: u32,
    /// Whether people see an answer of a model while it is written: as a draft in a private chat, as a message that
    /// grows in a group. It takes only what the limits above leave free beside the answers themselves.
    pub drafts: bool,
    /// Calls of this process under way at once that show parts of answers. What finds no room is not shown.
    pub draft_concurrency: usize,
    /// Earlier messages that a model is shown with a question.
    pub model_history: u16,
    /// Telegram's numbers of the people who may ask a bot, in private, for what models cost (`/costs`).
    pub admins: Vec<i64>,
    /// Where the model worker answers, which is asked for that and for the models that people may choose (`/model`).
    /// Empty: in this same process.
    pub llm_url: String,
    /// Whether people are held to the limits of the bots' folders (`spam` in `bot.yml`). Off: nobody is, for
    /// measurements and for bots among friends.
    pub limits: bool,
    /// Days without a message after which a conversation is archived: what was said is put aside, a model is not
    /// shown it any more, and a new message opens the conversation again. 0: never.
    pub archive_after_days: u32,
    /// Days after which a message is deleted, archived or not. 0: never.
    pub messages_kept_days: u32,
    /// The services, beside this one, that are asked to erase a person's data or to say what they hold. An erasure
    /// is done when each has answered. Leave out what is not installed.
    pub person_services: Vec<String>,
    /// Seconds between two looks for erasures that are due.
    pub erasures_every_seconds: u64,
}

/// Every service there is, beside this one.
const SERVICES: [&str; 4] = ["gateway", "llm", "crm", "analytics"];

impl Default for BotServiceConfig {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 20,
            bots_dir: PathBuf::from("bots"),
            send_concurrency: 256,
            per_chat_per_second: 1,
            per_chat_burst: 5,
            per_group_per_minute: 20,
            per_bot_per_second: 30,
            drafts: true,
            draft_concurrency: 64,
            model_history: 12,
            admins: Vec::new(),
            llm_url: String::new(),
            limits: true,
            archive_after_days: 90,
            messages_kept_days: 730,
            person_services: SERVICES.map(str::to_owned).into(),
            erasures_every_seconds: 60,
        }
    }
}

impl BotServiceConfig {
    /// What can not be worked with, in one sentence.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.send_concurrency == 0 {
            return Err("[bot] send_concurrency must be at least 1, or nothing is ever sent");
        }
        if self.draft_concurrency == 0 {
            return Err("[bot] draft_concurrency must be at least 1; drafts = false shows none");
        }
        if self.erasures_every_seconds == 0 {
            return Err("[bot] erasures_every_seconds must be at least 1");
        }
        if self.person_services.iter().any(|service| !SERVICES.contains(&service.as_str())) {
            return Err("[bot] person_services may name gateway, llm, crm and analytics");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_that_could_never_send_is_told_at_the_start() {
        assert!(BotServiceConfig::default().check().is_ok());
        let silent = BotServiceConfig { send_concurrency: 0, ..BotServiceConfig::default() };
        assert!(silent.check().unwrap_err().contains("send_concurrency"));
    }
}
