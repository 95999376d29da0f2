use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::{Class, Failure};
use events::message::gateway::UpdateReceived;
use pg::{AfterCommit, PgConnection};
use telegram::{UpdateKind, What};

use crate::conversation::{Conversations, Turn};
use crate::store::conversation::ChatKey;
use crate::{domain, inbound};

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
        let Ok(incoming) = telegram::normalise(&update.raw) else {
            return ignored("it can not be read");
        };
        if matches!(incoming.what, What::Unreadable { .. }) {
            return match incoming.kind {
                // Somebody waits for an answer: it is kept until a later version can read it.
                UpdateKind::Message | UpdateKind::CallbackQuery => {
                    Err(Failure::new(Class::Permanent, "a message of unknown shape"))
                }
                _ => ignored("unreadable"),
            };
        }
        if update.chat_id == 0 {
            return ignored("it belongs to no chat");
        }
        let username = self.0.bots.get(&update.bot).and_then(|bot| bot.username.get().map(String::as_str));
        let Some(read) = inbound::read(incoming, username) else {
            return ignored("it is not said to the bot itself");
        };
        if !read.chat.private && !read.chat.addressed {
            // Before anything is locked: a lively group would hold up the answers to those who ask.
            return ignored(match read.what {
                domain::What::Notice { .. } => "a notice wants no answer",
                _ => "in the group nobody spoke to the bot",
            });
        }
        Ok(Some(Turn {
            key: ChatKey { bot: update.bot, chat_id: update.chat_id },
            chat_kind: read.chat_kind.to_owned(),
            what: read.what,
            person: read.person,
            chat: read.chat,
            message: read.message,
            said: read.said,
            received_at_ms: update.received_at_ms,
            trail: event.trail_of_effects(),
        }))
    }
}
