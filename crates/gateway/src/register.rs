//! Tells Telegram where to deliver a bot's updates, and checks that it does.

use classify::{Class, Failure};
use ids::Secret;
use pg::Pool;
use telegram::client::SetWebhook;
use telegram::{BotApi, Mode, UpdateKind};

use crate::store::bot_link::BotLink;

#[derive(Clone)]
pub(crate) struct Registration {
    pub(crate) bot: String,
    pub(crate) api: BotApi,
    pub(crate) pool: Pool,
    /// `<public_url>/telegram/<bot>`
    pub(crate) url: String,
    pub(crate) secret: Secret,
    pub(crate) max_connections: u8,
}

impl Registration {
    /// Sets the webhook. Every replica may do it: it is the same address and secret.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let outcome = self.set().await;
        let trouble = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        BotLink::new(&self.pool, &self.bot, Mode::Webhook).note(&trouble).await;
        outcome.map_err(|failure| Failure::new(failure.class(), format!("the bot {}: {failure}", self.bot)))
    }

    async fn set(&self) -> Result<(), Failure> {
        self.api
            .set_webhook(&SetWebhook {
                url: self.url.as_str().into(),
                secret_token: Some(self.secret.expose().into()),
                max_connections: Some(self.max_connections),
                allowed_updates: UpdateKind::NAMES.iter().map(|&name| name.into()).collect(),
                drop_pending_updates: false,
            })
            .await?;
        let info = self.api.get_webhook_info().await?;
        if info.url == self.url {
            tracing::info!(bot = %self.bot, url = %self.url, pending = info.pending_update_count, "the webhook is set");
            Ok(())
        } else {
            Err(Failure::new(
                Class::Conflict,
                "another program has set its own webhook for this bot; stop it, or give each its own bot",
            ))
        }
    }
}
