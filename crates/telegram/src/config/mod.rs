//! The `[telegram]` section of the configuration: where the Bot API is, how Telegram reaches us, and
//! which bots are served.

mod bot;
mod bot_name;
mod url_text;
mod validate;
mod webhook_secret;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

pub use bot::{BotConfig, Mode};
pub use bot_name::{BadBotName, BotName};
pub use validate::{ConfigError, Problem};

/// The Bot API server that Telegram runs.
pub const OFFICIAL_API_BASE: &str = "https://api.telegram.org";

/// Telegram bots and the server they talk to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramConfig {
    /// Address of the Bot API server. Change it to use a Bot API server of your own or the simulator.
    #[serde(deserialize_with = "url_text::required")]
    #[schemars(with = "String")]
    pub api_base: Url,
    /// Address under which Telegram reaches this installation, without a path of its own: updates of a
    /// bot arrive at `<public_url>/telegram/<bot>`. Empty: bots fetch their updates by long polling.
    #[serde(deserialize_with = "url_text::optional")]
    #[schemars(with = "String")]
    pub public_url: Option<Url>,
    /// The bots, by a name of your choice (a–z, 0–9, `_`, `-`; at most 32 characters). The name is part
    /// of addresses, events and tables: do not change it later.
    pub bots: BTreeMap<BotName, BotConfig>,
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self { api_base: url_text::official(), public_url: None, bots: BTreeMap::new() }
    }
}

impl TelegramConfig {
    /// How this bot gets its updates: as configured, else by webhook if there is a public address.
    #[must_use]
    pub fn mode(&self, bot: &BotConfig) -> Mode {
        bot.mode.unwrap_or(if self.public_url.is_some() { Mode::Webhook } else { Mode::Poll })
    }

    /// The address to register with Telegram for this bot; `None` without a public address.
    #[must_use]
    pub fn webhook_url(&self, bot: &BotName) -> Option<Url> {
        let mut url = self.public_url.clone()?;
        url.path_segments_mut().ok()?.pop_if_empty().push("telegram").push(bot.as_str());
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TelegramConfig, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn nothing_configured_is_the_official_server_without_bots() {
        let config = read("").unwrap();
        assert_eq!(config.api_base.as_str(), "https://api.telegram.org/");
        assert!(config.public_url.is_none() && config.bots.is_empty());
        assert_eq!(TelegramConfig::default().api_base, config.api_base);
    }

    #[test]
    fn a_public_address_makes_webhooks_the_default() {
        let mut config =
            read("public_url = \"https://bots.example.com/base/\"\n[bots.one]\ntoken = \"1:a\"").unwrap();
        let (name, bot) = config.bots.pop_first().unwrap();
        assert_eq!(config.mode(&bot), Mode::Webhook);
        assert_eq!(config.webhook_url(&name).unwrap().as_str(), "https://bots.example.com/base/telegram/one");
        config.public_url = None;
        assert_eq!(config.mode(&bot), Mode::Poll);
        assert_eq!(config.webhook_url(&name), None);
    }

    #[test]
    fn an_empty_public_address_is_none() {
        assert!(read("public_url = \"\"").unwrap().public_url.is_none());
    }

    #[test]
    fn unknown_keys_and_bad_names_are_refused() {
        assert!(read("api_bas = \"x\"").unwrap_err().to_string().contains("unknown field `api_bas`"));
        assert!(read("[bots.one]\ntoken = \"1:a\"\ncolour = 1").unwrap_err().to_string().contains("colour"));
        assert!(read("[bots.One]\ntoken = \"1:a\"").unwrap_err().to_string().contains("bot name"));
        assert!(read("api_base = \"not an address\"").unwrap_err().to_string().contains("address"));
    }

    #[test]
    fn the_schema_names_every_field() {
        let schema = serde_json::to_string(&schemars::schema_for!(TelegramConfig)).unwrap();
        for field in
            ["api_base", "public_url", "bots", "token", "webhook_secret", "mode", "folder", "max_connections"]
        {
            assert!(schema.contains(field), "{field} is missing in {schema}");
        }
    }
}
