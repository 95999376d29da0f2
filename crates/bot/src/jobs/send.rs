use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::outbox::Outbox;
use classify::{Class, Failure};
use events::message::bot as message;
use events::{Envelope, Key};
use ids::{Clock, ConversationId, Ids, Pii};
use jobs::{Job, JobError, JobHandler, Jobs, Limit, NewJob, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool};
use telegram::SendError;
use telegram::client::{InlineButton, InlineKeyboard};

use super::pace::{bot_limit, limits};
use super::place;
use crate::bots::Bots;
use crate::config::BotServiceConfig;
use crate::conversation::{Closed, SEND, Send, told_of_closed};
use crate::domain::{Place, Target};
use crate::store::conversation::ChatKey;
use crate::store::message::Message;
use crate::store::{chat_moved, conversation, draft, message as messages};

/// Sends messages, each chat's in their order.
///
/// Telegram takes no idempotency key. The attempt is recorded before the call, and a call whose outcome is
/// unknown (or that died with its process) is repeated once and no more: so a person sees a message twice at
/// most, and only after such an accident.
pub(crate) struct SendMessage {
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) config: BotServiceConfig,
    pub(crate) outbox: Outbox,
    pub(crate) jobs: Jobs,
}

/// How long a whole bot waits because of one chat's 429.
const LONGEST_BREATH: Duration = Duration::from_secs(5);

/// After so many attempts of unknown outcome there is one more.
const MOST_INTERRUPTED: u32 = 1;

/// How a send ended.
pub(crate) struct Done {
    send: Send,
    end: End,
    at_ms: i64,
}

enum End {
    /// There was nothing to say: nothing had been shown of an answer that is not wanted any more.
    Nothing,
    Sent {
        message_id: i64,
    },
    /// Nobody can be reached there; nothing an operator could mend.
    Unreachable {
        why: &'static str,
    },
    /// The group goes on under another id, and so does the message.
    Moved {
        chat_id: i64,
    },
}

#[async_trait]
impl JobHandler for SendMessage {
    type Done = Done;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: self.config.send_concurrency,
            max_attempts: 12,
            // How long the chats of a process that was killed wait, at the most and a third more.
            lease: Duration::from_secs(6),
            limited: self.config.per_chat_per_second > 0
                || self.config.per_group_per_minute > 0
                || self.config.per_bot_per_second > 0,
            ..QueueSpec::new(SEND)
        }
    }

    fn limits(&self, job: &Job) -> Vec<Limit> {
        let Ok(send) = job.json::<Send>() else { return Vec::new() };
        limits(&self.config, &send.bot, send.chat_id, send.is_group)
    }

    async fn run(&self, job: &Job) -> Result<Done, JobError> {
        let mut send: Send = job.json()?;
        if job.interrupted > MOST_INTERRUPTED {
            let failure = "twice nobody knows whether the message arrived; it is not sent a third time";
            return Err(JobError::Fail(Failure::new(Class::Permanent, failure)));
        }
        let Some(served) = self.bots.get(&send.bot) else {
            // It may be configured on another replica, or again after a correction.
            let failure = Failure::new(Class::Transient, format!("bot {} is not configured here", send.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        };
        let before = self.answer_before(&send).await?;
        let shown = self.shown_before(&send).await?;
        if send.keeps_draft && !shown.text.is_empty() {
            send.text = Pii::new(shown.text);
        }
        if send.keeps_draft && send.text.expose().is_empty() {
            return Ok(Done { send, end: End::Nothing, at_ms: self.clock.now_ms() });
        }
        let end = match place::put(&served.api, &send, before.or(shown.message_id)).await {
            Ok(message_id) => End::Sent { message_id },
            Err(SendError::Blocked(_)) => End::Unreachable { why: "blocked" },
            Err(SendError::ChatNotFound) => End::Unreachable { why: "chat_not_found" },
            Err(SendError::ChatMigrated(chat_id)) => End::Moved { chat_id },
            Err(error) => {
                self.slow_down(&send, &error).await;
                return Err(self.failed(job, error));
            }
        };
        Ok(Done { send, end, at_ms: self.clock.now_ms() })
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Done)]) -> Result<AfterCommit, Failure> {
        let mut facts = Vec::with_capacity(done.len());
        let mut said = Vec::with_capacity(done.len());
        let mut replaced = Vec::new();
        let mut closed = Vec::new();
        let mut moved = Vec::new();
        let mut drafts = Vec::new();
        let old = old_names(tx, done).await?;
        for (job, done) in done {
            let send = &done.send;
            drafts.extend(send.draft.filter(|_| !matches!(done.end, End::Moved { .. })));
            match done.end {
                End::Nothing => {}
                End::Sent { message_id } => {
                    facts.push(fact(send, done.at_ms, "sent"));
                    let is_old = old.contains(&ChatKey { bot: send.bot.clone(), chat_id: send.chat_id });
                    said.push(if is_old {
                        Message { answers: 0, ..said_by_bot(send, done.at_ms, 0) }
                    } else {
                        said_by_bot(send, done.at_ms, message_id)
                    });
                    if send.place == Place::InPlace && !is_old {
                        replaced.push((send.conversation_id, message_id));
                    }
                }
                End::Unreachable { why } => {
                    facts.push(fact(send, done.at_ms, "failed"));
                    closed.push((ChatKey { bot: send.bot.clone(), chat_id: send.chat_id }, why));
                }
                End::Moved { chat_id } => {
                    // Whether or not Telegram has told it with a message: the conversation goes on there too.
                    let old = ChatKey { bot: send.bot.clone(), chat_id: send.chat_id };
                    chat_moved::move_to(tx, &old, chat_id).await?;
                    let key = Key::chat(&send.bot, chat_id);
                    moved.push(NewJob::json(
                        SEND,
                        key.as_str(),
                        // The numbers of messages are others there.
                        &Send { chat_id, answers: 0, place: Place::Below, ..send.clone() },
                        job.trail.clone(),
                    )?);
                }
            }
        }
        messages::append(tx, &said).await?;
        messages::replaced(tx, &replaced).await?;
        let ended = self.close(tx, &closed, &done[0].0).await?;
        draft::forget(tx, &drafts).await?;
        let told = self.tell(tx, facts, &done[0].0).await?;
        Ok(self.jobs.enqueue(tx, moved).await?.and(told).and(ended))
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // What can not even be read has no conversation to tell of; its dead letter is all there is.
        let Ok(send) = job.json::<Send>() else { return Ok(AfterCommit::nothing()) };
        // A replay says it whole.
        draft::forget(tx, send.draft.as_slice()).await?;
        // The order of a chat's events is the order of its locks.
        let chat = ChatKey { bot: send.bot.clone(), chat_id: send.chat_id };
        conversation::lock(tx, &[chat]).await?;
        let at_ms = self.clock.now_ms();
        let handoff = message::HandoffRequested {
            conversation_id: send.conversation_id.to_string(),
            bot: send.bot.clone(),
            reason: "send_failed".to_owned(),
            at_ms,
            ..message::HandoffRequested::default()
        };
        let key = Key::chat(&send.bot, send.chat_id);
        let event = Envelope::new(self.ids.event(), key, job.trail.clone(), at_ms, &handoff);
        let requested = self.outbox.put(tx, &[event]).await?;
        Ok(self.tell(tx, vec![fact(&send, at_ms, "failed")], job).await?.and(requested))
    }
}

impl SendMessage {
    /// A 429 in a private chat is rarely about that chat alone: the whole bot holds its breath for a moment, so
    /// that a thousand chats do not each learn it for themselves. A group's 429 is its own.
    async fn slow_down(&self, send: &Send, error: &SendError) {
        let (SendError::RetryAfter(wait), false) = (error, send.is_group) else { return };
        if self.config.per_bot_per_second == 0 {
            return;
        }
        let paused = async {
            let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
            jobs::pause(&mut connection, &bot_limit(&send.bot), (*wait).min(LONGEST_BREATH)).await
        };
        if let Err(error) = pg::in_time(paused).await {
            tracing::warn!(error = %classify::chain(&error), "the bot could not be slowed down");
        }
    }

    fn failed(&self, job: &Job, error: SendError) -> JobError {
        match error {
            SendError::RetryAfter(wait) => JobError::Snooze { after: wait },
            // The token is wrong until somebody corrects it; the messages wait for that.
            SendError::Unauthorized => {
                tracing::error!(
                    job = job.id,
                    "telegram does not accept the token of the bot; its messages wait"
                );
                JobError::Snooze { after: Duration::from_secs(30) }
            }
            // Nothing happened, and nothing is wrong with the message: it waits until Telegram can be reached.
            SendError::NotSent(_) => {
                tracing::warn!(job = job.id, error = %classify::chain(&error), "telegram can not be reached");
                JobError::Snooze { after: Duration::from_secs(5) }
            }
            error if error.outcome_is_unknown() && job.interrupted > 0 => JobError::Fail(error.into()),
            error if error.outcome_is_unknown() => JobError::Unknown { after: None, failure: error.into() },
            SendError::Server(_) | SendError::Conflict(_) => {
                JobError::Retry { after: None, failure: error.into() }
            }
            error => JobError::Fail(error.into()),
        }
    }

    /// Closes conversations that can not be reached, and tells of those that had been open.
    async fn close(
        &self,
        tx: &mut PgConnection,
        closed: &[(ChatKey, &str)],
        job: &Job,
    ) -> Result<AfterCommit, Failure> {
        let were_open = conversation::close(tx, closed).await?;
        let why = |key: &ChatKey| closed.iter().find(|(one, _)| one == key).map_or("", |(_, why)| *why);
        let of = |(key, conversation_id): (ChatKey, ConversationId)| {
            let (why, trail) = (why(&key).to_owned(), job.trail.clone());
            Closed { key, conversation_id, why, trail }
        };
        let ended = were_open.into_iter().map(of).collect();
        let events = told_of_closed(tx, &self.ids, self.clock.now_ms(), ended).await?;
        Ok(self.outbox.put(tx, &events).await?)
    }

    /// One event for the whole batch: it holds no personal data, and its price is shared.
    async fn tell(
        &self,
        tx: &mut PgConnection,
        sends: Vec<message::Send>,
        job: &Job,
    ) -> Result<AfterCommit, Failure> {
        if sends.is_empty() {
            return Ok(AfterCommit::nothing());
        }
        let id = self.ids.event();
        let event = message::SendsCompleted { sends };
        let envelope =
            Envelope::new(id.clone(), Key::of(&id), job.trail.clone(), self.clock.now_ms(), &event);
        Ok(self.outbox.put(tx, &[envelope]).await?)
    }
}

/// Which of these chats go on under another number by now: theirs counts its messages anew.
async fn old_names(tx: &mut PgConnection, done: &[(Job, Done)]) -> Result<HashSet<ChatKey>, PgError> {
    let groups = done.iter().map(|(_, done)| &done.send).filter(|send| send.is_group);
    let groups: Vec<_> =
        groups.map(|send| ChatKey { bot: send.bot.clone(), chat_id: send.chat_id }).collect();
    chat_moved::old_names(tx, &groups).await
}

pub(super) fn keyboard(send: &Send) -> InlineKeyboard {
    let row = |row: &Vec<crate::domain::Button>| {
        row.iter()
            .map(|button| match &button.target {
                Target::Callback(data) => InlineButton::callback(&button.label, data),
                Target::Url(url) => InlineButton::url(&button.label, url),
            })
            .collect()
    };
    InlineKeyboard { inline_keyboard: send.buttons.iter().map(row).collect() }
}

fn fact(send: &Send, at_ms: i64, outcome: &str) -> message::Send {
    let (answer, variant) = send.given.as_ref().map_or_else(Default::default, |given| {
        (given.entry.clone(), given.variant.clone().unwrap_or_default())
    });
    message::Send {
        conversation_id: send.conversation_id.to_string(),
        bot: send.bot.clone(),
        source: send.source.as_str().to_owned(),
        received_at_ms: send.received_at_ms,
        sent_at_ms: at_ms,
        outcome: outcome.to_owned(),
        answer,
        variant,
    }
}

fn said_by_bot(send: &Send, at_ms: i64, message_id: i64) -> Message {
    let labels: Vec<&str> = send.buttons.iter().flatten().map(|button| button.label.as_str()).collect();
    Message {
        conversation_id: send.conversation_id,
        at_ms,
        from_person: false,
        kind: send.source.as_str().to_owned(),
        text: Pii::new(send.text.expose().clone()),
        label: Pii::new(labels.join("\n")),
        message_id,
        answers: send.answers,
        ignored_why: None,
        understood: None,
    }
}

#[cfg(test)]
mod tests;
