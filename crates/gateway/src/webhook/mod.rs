//! Where Telegram delivers a bot's updates: what is wanted, whether it is so, and how it is made so.

mod repairs;
mod watch;

use classify::Failure;
use ids::Secret;
use telegram::client::{SetWebhook, WebhookInfo};
use telegram::{BotApi, BotConfig, BotName, TelegramConfig, UpdateKind};

pub(crate) use watch::Watch;

/// The webhook that a bot is to have.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `<public_url>/telegram/<bot>`
    url: String,
    /// 32 hex digits, unless one is configured; the same in every replica and after every restart.
    secret: Secret,
    max_connections: u8,
}

/// In what a webhook is not as it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is none: another program fetches the updates, or somebody has deleted it.
    Removed,
    /// It leads to another address: another program has the bot's token.
    Taken,
    /// The kinds of update or the number of connections were changed.
    Changed,
}

impl Wrong {
    /// A word for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Taken => "taken",
            Self::Changed => "changed",
        }
    }

    /// A sentence for a person: what is wrong and what to do.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Removed => {
                "another program has removed this bot's webhook; stop it, or give each its own bot"
            }
            Self::Taken => {
                "another program has set its own webhook for this bot; stop it, or give each its own bot"
            }
            Self::Changed => {
                "another program has changed this bot's webhook; stop it, or give each its own bot"
            }
        }
    }
}

impl Webhook {
    /// The webhook of this bot; none where its updates are fetched, or where no public address is configured.
    #[must_use]
    pub fn of(config: &TelegramConfig, name: &BotName, bot: &BotConfig) -> Option<Self> {
        let url = config.webhook_url(name).filter(|_| config.mode(bot) == telegram::Mode::Webhook)?;
        let (secret, max_connections) = (bot.webhook_secret(), bot.max_connections);
        Some(Self { url: url.to_string(), secret, max_connections })
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets it, and tells what Telegram then says of it. What waits at Telegram stays there.
    pub async fn set(&self, api: &BotApi) -> Result<WebhookInfo, Failure> {
        api.set_webhook(&SetWebhook {
            url: self.url.as_str().into(),
            secret_token: Some(self.secret.expose().into()),
            max_connections: Some(self.max_connections),
            allowed_updates: UpdateKind::NAMES.iter().map(|&name| name.into()).collect(),
            drop_pending_updates: false,
        })
        .await?;
        Ok(api.get_webhook_info().await?)
    }

    /// Compares what there is with what is wanted, and with what Telegram said when it was set: an older Bot API
    /// server does not know every kind of update that we ask for. The secret is never told.
    #[must_use]
    pub fn compare(&self, now: &WebhookInfo, as_set: Option<&WebhookInfo>) -> Option<Wrong> {
        let same = |set: &WebhookInfo| {
            let kinds = |info: &WebhookInfo| {
                let mut kinds = info.allowed_updates.clone();
                kinds.sort_unstable();
                kinds
            };
            set.max_connections == now.max_connections && kinds(set) == kinds(now)
        };
        if now.url.is_empty() {
            Some(Wrong::Removed)
        } else if now.url != self.url {
            Some(Wrong::Taken)
        } else if as_set.is_some_and(|set| !same(set)) {
            Some(Wrong::Changed)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(url: &str, kinds: &[&str]) -> WebhookInfo {
        let allowed_updates = kinds.iter().map(|&kind| kind.to_owned()).collect();
        WebhookInfo { url: url.to_owned(), allowed_updates, ..WebhookInfo::default() }
    }

    #[test]
    fn what_is_wrong_with_a_webhook_is_seen() {
        let webhook = Webhook {
            url: "https://x.io/telegram/a".to_owned(),
            secret: Secret::new("s"),
            max_connections: 40,
        };
        let ours = info(&webhook.url, &["message", "poll"]);
        assert_eq!(webhook.compare(&ours, None), None);
        assert_eq!(webhook.compare(&info(&webhook.url, &["poll", "message"]), Some(&ours)), None);
        assert_eq!(webhook.compare(&info(&webhook.url, &["message"]), Some(&ours)), Some(Wrong::Changed));
        assert_eq!(webhook.compare(&info("", &[]), Some(&ours)), Some(Wrong::Removed));
        assert_eq!(webhook.compare(&info("https://y.io/", &[]), None), Some(Wrong::Taken));
    }
}
