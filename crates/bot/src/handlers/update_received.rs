use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::gateway::UpdateReceived;
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Turn};
use crate::inbound;
use crate::store::conversation::ChatKey;

/// An update of Telegram's moves its conversation.
pub(crate) struct UpdateReceivedHandler(pub(crate) Conversations);

#[async_trait]
impl BatchHandler for UpdateReceivedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut turns = Vec::with_capacity(batch.len());
        for event in batch {
            turns.extend(self.turn(event)?);
        }
        self.0.run(tx, turns).await
    }
}

impl UpdateReceivedHandler {
    /// The turn an update makes; none where it belongs to no conversation.
    fn turn(&self, event: &Delivery) -> Result<Option<Turn>, Failure> {
        let update: UpdateReceived = event.decode()?;
        let ignored = |reason: &'static str| {
            metrics::counter!("dragoman_updates_ignored_total", "bot" => update.bot.clone(), "reason" => reason)
                .increment(1);
            tracing::debug!(bot = %update.bot, update_id = update.update_id, kind = %update.kind, reason, "ignored");
            Ok(None)
        };
        if update.chat_id == 0 {
            return ignored("it belongs to no chat");
        }
        let Ok(incoming) = telegram::normalise(&update.raw) else {
            return ignored("it can not be read");
        };
        let username = self.0.bots.get(&update.bot).and_then(|bot| bot.username.get().map(String::as_str));
        let Some(read) = inbound::read(incoming, username) else {
            return ignored("it is not said to the bot itself");
        };
        Ok(Some(Turn {
            key: ChatKey { bot: update.bot, chat_id: update.chat_id },
            chat_kind: read.chat_kind.to_owned(),
            what: read.what,
            person: read.person,
            chat: read.chat,
            said: read.said,
            received_at_ms: update.received_at_ms,
            trail: event.trail_of_effects(),
        }))
    }
}
