//! `[[crm.alerts]]`: who is told of trouble, and `[crm.watch]`: how often it is looked for.

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One receiver of alerts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertConfig {
    /// A name of your choice (1–32 of a–z, 0–9, `_`, `-`). It is part of what is kept: do not change it later.
    pub name: String,
    pub kind: AlertKind,
    /// Slack, and what takes the same: the address of an incoming webhook. PagerDuty and Telegram: where the API is, where
    /// that is not the usual place (PagerDuty in Europe: `https://events.eu.pagerduty.com`).
    #[serde(default)]
    pub url: Secret,
    /// PagerDuty: the integration key of a service, of its Events API v2.
    #[serde(default)]
    pub routing_key: Secret,
    /// Telegram: the token of the bot that tells.
    #[serde(default)]
    pub bot_token: Secret,
    /// Telegram: the number of the chat, as text: `"-1001234567890"`. The bot must be in it.
    #[serde(default)]
    pub chat: Secret,
    /// Only these. Empty: all.
    #[serde(default)]
    pub events: Vec<AlertEvent>,
    #[serde(default)]
    pub language: AlertLanguage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertKind {
    Slack,
    Pagerduty,
    Telegram,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertEvent {
    /// What could not be delivered waits for a person.
    DeadLetter,
    /// A CRM has shut the account out.
    ShutOut,
    /// A CRM does not take the account's token.
    TokenRefused,
    /// An endpoint or an account has failed several times, and nothing was delivered there since.
    Failing,
    /// A token ends within 30 days, 7 days, a day.
    TokenEnds,
    /// A comparison with the CRM found something missing on either side.
    Missing,
}

impl AlertEvent {
    pub(crate) const ALL: [Self; 6] =
        [Self::DeadLetter, Self::ShutOut, Self::TokenRefused, Self::Failing, Self::TokenEnds, Self::Missing];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetter => "dead_letter",
            Self::ShutOut => "shut_out",
            Self::TokenRefused => "token_refused",
            Self::Failing => "failing",
            Self::TokenEnds => "token_ends",
            Self::Missing => "missing",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertLanguage {
    #[default]
    En,
    Ru,
}

/// How often trouble is looked for, and how it is told together.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WatchConfig {
    /// Seconds between two looks, 1 to 3600.
    #[schemars(range(min = 1, max = 3600))]
    pub every_seconds: u64,
    /// Seconds that a trouble lasts before it is told, 0 to 3600: what comes in that time is told together.
    #[schemars(range(min = 0, max = 3600))]
    pub gather_seconds: u64,
    /// Minutes after which a trouble that has grown is told again, 1 to 10080.
    #[schemars(range(min = 1, max = 10080))]
    pub again_minutes: u64,
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self { every_seconds: 30, gather_seconds: 60, again_minutes: 60 }
    }
}

impl super::CrmConfig {
    /// The names of the endpoints and the accounts.
    pub(crate) fn names(&self) -> Vec<String> {
        let endpoints = self.endpoints.iter().map(|endpoint| endpoint.name.clone());
        endpoints.chain(self.accounts.iter().map(|account| account.name.clone())).collect()
    }

    /// How often trouble is looked for, checked.
    pub(crate) fn watch(&self) -> Result<WatchConfig, String> {
        let wrong = |what: &str| Err(format!("[crm.watch] {what}"));
        match self.watch {
            WatchConfig { every_seconds: 0 | 3601.., .. } => wrong("every_seconds must be 1 to 3600"),
            WatchConfig { gather_seconds: 3601.., .. } => wrong("gather_seconds must be 0 to 3600"),
            WatchConfig { again_minutes: 0 | 10081.., .. } => wrong("again_minutes must be 1 to 10080"),
            watch => Ok(watch),
        }
    }
}
