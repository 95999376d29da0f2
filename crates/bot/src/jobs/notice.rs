use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::Clock;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use telegram::client::{AnswerCallbackQuery, AnswerInlineQuery, SendChatAction};

use super::drafted::settled;
use crate::bots::Bots;
use crate::conversation::{NOTICE, Notice};

/// A notice older than this is of no use to anybody.
const STALE: Duration = Duration::from_secs(15);

/// How long Telegram may repeat an answer to the same words; a change of the FAQ is seen after that.
const INLINE_CACHE_SECONDS: u32 = 60;

/// Answers presses of buttons and inline queries, shows "typing…", takes away parts of answers nobody wants. A notice that fails is forgotten; the second attempt is for one
/// whose process died before it was given.
pub(crate) struct GiveNotice {
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
}

#[async_trait]
impl JobHandler for GiveNotice {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 128, max_attempts: 2, ..QueueSpec::new(NOTICE) }
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let notice: Notice = job.json()?;
        if notice.age(self.clock.now_ms()) > STALE {
            return Ok(());
        }
        let outcome = match notice {
            Notice::Callback { bot, callback_id, text, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(()) };
                let answer = AnswerCallbackQuery {
                    text: text.map(Into::into),
                    ..AnswerCallbackQuery::silent(callback_id)
                };
                served.api.answer_callback_query(&answer).await
            }
            Notice::Typing { bot, chat_id, topic, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(()) };
                let typing = SendChatAction { message_thread_id: topic, ..SendChatAction::typing(chat_id) };
                served.api.send_chat_action(&typing).await
            }
            Notice::Inline { bot, query_id, articles, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(()) };
                let answer = AnswerInlineQuery {
                    inline_query_id: query_id,
                    results: articles,
                    cache_time: INLINE_CACHE_SECONDS,
                    // The same words get another answer in another language.
                    is_personal: true,
                };
                served.api.answer_inline_query(&answer).await
            }
            Notice::Withdraw { bot, chat_id, request_id, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(()) };
                match settled(&self.pool, request_id).await?.message_id {
                    Some(message_id) => served.api.delete_message(chat_id, message_id).await,
                    None => Ok(()),
                }
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(job = job.id, error = %classify::chain(&error), "a notice was not given");
        }
        Ok(())
    }

    async fn commit(&self, _: &mut PgConnection, _: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}
