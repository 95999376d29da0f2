use std::sync::Arc;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::{Class, Failure};
use events::message::gateway::UpdateReceived;
use jobs::NewJob;
use pg::{AfterCommit, PgConnection};
use telegram::client::{InlineArticle, InlineText};
use telegram::{Incoming, UpdateKind, What};

use crate::bots::Served;
use crate::conversation::{Conversations, Notice, Reach, Turn};
use crate::jobs::{COSTS, CostsWanted};
use crate::store::conversation::ChatKey;
use crate::{conversation, domain, inbound};

/// An update of Telegram's moves its conversation.
pub(crate) struct UpdateReceivedHandler {
    pub(crate) conversations: Conversations,
    /// Telegram's numbers of those who may ask for what models cost.
    pub(crate) admins: Vec<i64>,
}

#[async_trait]
impl BatchHandler for UpdateReceivedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut turns = Vec::with_capacity(batch.len());
        let mut jobs = Vec::new();
        for event in batch {
            match self.read(event)? {
                Meant::Turn(turn) => turns.push(*turn),
                Meant::Job(job) => jobs.push(job),
                Meant::Nothing => {}
            }
        }
        let moved = self.conversations.run(tx, turns).await?;
        if jobs.is_empty() {
            return Ok(moved);
        }
        Ok(self.conversations.jobs.enqueue(tx, jobs).await?.and(moved))
    }
}

/// What an update comes to.
enum Meant {
    Turn(Box<Turn>),
    /// It is answered beside every conversation.
    Job(NewJob),
    /// It is ignored, for a reason that was counted.
    Nothing,
}

impl UpdateReceivedHandler {
    fn read(&self, event: &Delivery) -> Result<Meant, Failure> {
        let update: UpdateReceived = event.decode()?;
        let ignored = |reason: &'static str| {
            metrics::counter!("dragoman_updates_ignored_total", "bot" => update.bot.clone(), "reason" => reason)
                .increment(1);
            tracing::debug!(bot = %update.bot, update_id = update.update_id, kind = %update.kind, reason, "ignored");
            Ok(Meant::Nothing)
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
        if let What::InlineQuery { id, query, offset } = &incoming.what {
            return match self.offer(event, &update.bot, (id, query.expose(), offset), &incoming)? {
                Some(job) => Ok(Meant::Job(job)),
                None => ignored("the list of an inline query has one page"),
            };
        }
        let me = self.conversations.bots.get(&update.bot).map(|bot| bot.me()).unwrap_or_default();
        let read = match inbound::read(incoming, me) {
            Ok(read) => read,
            Err(reason) => return ignored(reason),
        };
        let joined = self.conversations.limits && matches!(read.what, domain::What::Joined { .. });
        let beside = !read.chat.private && !read.chat.addressed && !joined;
        if beside && read.place.reach == Reach::AsBefore {
            // Before anything is locked: a lively group would hold up the answers to those who ask.
            return ignored(match read.what {
                domain::What::Notice { .. } | domain::What::Joined { .. } => "a notice wants no answer",
                _ => "in the group nobody spoke to the bot",
            });
        }
        if self.asks_for_costs(&update.bot, &read) {
            let (chat_id, received_at_ms) = (update.chat_id, update.received_at_ms);
            let key = format!("costs-{}", event.id);
            let wanted = CostsWanted { bot: update.bot, chat_id, received_at_ms };
            return Ok(Meant::Job(NewJob::json(COSTS, key, &wanted, event.trail_of_effects())?));
        }
        Ok(Meant::Turn(Box::new(Turn {
            key: ChatKey { bot: update.bot, chat_id: update.chat_id },
            chat_kind: read.chat_kind.to_owned(),
            what: read.what,
            person: read.person,
            chat: read.chat,
            message: read.message,
            place: read.place,
            said: read.said,
            received_at_ms: update.received_at_ms,
            trail: event.trail_of_effects(),
        })))
    }

    /// An admin asks in private, of a bot that has words for it. To everybody else it is a command like any other.
    fn asks_for_costs(&self, bot: &str, read: &inbound::Read) -> bool {
        let domain::What::Text(text) = &read.what else { return false };
        let is_meant = text.expose().trim() == "/costs" && read.chat.private;
        let tells = |bot: &Arc<Served>| bot.engines.current().folder().bot.texts.costs.is_some();
        is_meant
            && self.admins.contains(&read.person.user_id)
            && self.conversations.bots.get(bot).is_some_and(tells)
    }

    /// The answer to an inline query: id, words, page.
    fn offer(
        &self,
        event: &Delivery,
        bot: &str,
        (id, query, page): (&str, &str, &str),
        incoming: &Incoming,
    ) -> Result<Option<NewJob>, Failure> {
        let Some(served) = self.conversations.bots.get(bot).filter(|_| page.is_empty()) else {
            return Ok(None);
        };
        let articles =
            served.engines.current().articles(query, &inbound::person(incoming)).into_iter().map(article);
        let notice = Notice::Inline {
            bot: bot.to_owned(),
            query_id: id.to_owned(),
            articles: articles.collect(),
            at_ms: self.conversations.clock.now_ms(),
        };
        conversation::notice(format!("inline-{id}"), &notice, &event.trail_of_effects()).map(Some)
    }
}

fn article(article: domain::Article) -> InlineArticle {
    InlineArticle {
        id: article.id,
        title: article.title,
        description: article.description,
        input_message_content: InlineText { message_text: article.text },
    }
}
