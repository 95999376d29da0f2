//! The configuration of one bot.

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::webhook_secret;

/// How a bot gets its updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// We ask Telegram, again and again, over one long-lived connection.
    Poll,
    /// Telegram calls us at the public address.
    Webhook,
}

/// One bot.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BotConfig {
    /// The token that @BotFather gave for this bot.
    pub token: Secret,
    /// What Telegram proves itself with when it calls the webhook: 1–256 of A–Z, a–z, 0–9, `_`, `-`.
    /// Empty: derived from the token, so that every replica knows it.
    pub webhook_secret: Option<Secret>,
    /// `poll` or `webhook`. Not set: `webhook` if there is a public address, else `poll`.
    pub mode: Option<Mode>,
    /// The folder with what the bot says, below the directory of bots. Not set: the bot's name.
    pub folder: Option<String>,
    /// How many webhook calls Telegram may make at once, 1–100.
    #[schemars(range(min = 1, max = 100))]
    pub max_connections: u8,
}

impl Default for BotConfig {
    fn default() -> Self {
        Self { token: Secret::default(), webhook_secret: None, mode: None, folder: None, max_connections: 40 }
    }
}

impl BotConfig {
    /// The secret that Telegram sends with every webhook call: as configured, else derived from the token.
    #[must_use]
    pub fn webhook_secret(&self) -> Secret {
        match &self.webhook_secret {
            Some(secret) if !secret.is_empty() => secret.clone(),
            _ => webhook_secret::derive(&self.token),
        }
    }

    /// The bot's own Telegram user id: the number in front of the token. `None` if the token is malformed.
    #[must_use]
    pub fn user_id(&self) -> Option<i64> {
        self.token.expose().split_once(':')?.0.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_secret_wins_over_the_derived_one() {
        let mut bot = BotConfig { token: Secret::new("123:abc"), ..BotConfig::default() };
        let derived = bot.webhook_secret();
        bot.webhook_secret = Some(Secret::new(""));
        assert!(bot.webhook_secret().matches(derived.expose().as_bytes()));
        bot.webhook_secret = Some(Secret::new("mine"));
        assert!(bot.webhook_secret().matches(b"mine"));
        assert_eq!(bot.user_id(), Some(123));
    }

    #[test]
    fn printing_a_bot_shows_no_secret() {
        let bot = BotConfig {
            token: Secret::new("123:very-secret"),
            webhook_secret: Some(Secret::new("also-secret")),
            ..BotConfig::default()
        };
        assert!(!format!("{bot:?}").contains("secret-") && !format!("{bot:#?}").contains("very"));
    }
}
