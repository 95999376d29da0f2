use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::{Clock, RequestId};
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use telegram::client::{AnswerCallbackQuery, AnswerInlineQuery, SendChatAction};

use super::drafted::settled;
use crate::bots::Bots;
use crate::conversation::{NOTICE, Notice};
use crate::store::draft;

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
    /// The question whose parts are withdrawn.
    type Done = Option<RequestId>;

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 128, max_attempts: 2, ..QueueSpec::new(NOTICE) }
    }

    async fn run(&self, job: &Job) -> Result<Option<RequestId>, JobError> {
        let notice: Notice = job.json()?;
        let withdrawn = match &notice {
            Notice::Withdraw { request_id, .. } => Some(*request_id),
            _ => None,
        };
        if notice.age(self.clock.now_ms()) > STALE {
            return Ok(withdrawn);
        }
        let outcome = match notice {
            Notice::Callback { bot, callback_id, text, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(withdrawn) };
                let answer = AnswerCallbackQuery {
                    text: text.map(Into::into),
                    ..AnswerCallbackQuery::silent(callback_id)
                };
                served.api.answer_callback_query(&answer).await
            }
            Notice::Typing { bot, chat_id, topic, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(withdrawn) };
                let typing = SendChatAction { message_thread_id: topic, ..SendChatAction::typing(chat_id) };
                served.api.send_chat_action(&typing).await
            }
            Notice::Inline { bot, query_id, articles, .. } => {
                let Some(served) = self.bots.get(&bot) else { return Ok(withdrawn) };
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
                let Some(served) = self.bots.get(&bot) else { return Ok(withdrawn) };
                match settled(&self.pool, request_id).await?.message_id {
                    Some(message_id) => served.api.delete_message(chat_id, message_id).await,
                    None => Ok(()),
                }
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(job = job.id, error = %classify::chain(&error), "a notice was not given");
        }
        Ok(withdrawn)
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        done: &[(Job, Option<RequestId>)],
    ) -> Result<AfterCommit, Failure> {
        // Nothing else looks at the rows of what is withdrawn.
        let withdrawn: Vec<RequestId> = done.iter().filter_map(|(_, withdrawn)| *withdrawn).collect();
        draft::forget(tx, &withdrawn).await?;
        Ok(AfterCommit::nothing())
    }
}

#[cfg(test)]
mod tests {
    use events::Trail;
    use ids::{Ids, ManualClock, Timestamp};
    use jobs::{Jobs, NewJob, Queue};
    use telegram::TelegramConfig;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::store::conversation::ChatKey;
    use crate::store::draft::Opened;
    use crate::store::tests::{database, number};

    #[tokio::test]
    async fn what_was_shown_in_a_group_is_forgotten_with_its_withdrawal_however_late_that_is() {
        let (_database, pool) = database().await;
        let place = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap()).clock();
        let bots = Bots::load(&TelegramConfig::default(), place.path(), &pool, &clock).await.unwrap();
        let (ids, jobs, request_id) = (Ids::system(), Jobs::default(), Ids::system().request());
        let notice = Notice::Withdraw { bot: "sales".to_owned(), chat_id: -7, request_id, at_ms: 1 };
        let mut tx = pool.begin().await.unwrap();
        let key = ChatKey { bot: "sales".to_owned(), chat_id: -7 };
        let conversation_id = ids.conversation();
        let opened = Opened { request_id, key, conversation_id, topic: None, is_group: true };
        draft::open(&mut tx, &[opened]).await.unwrap();
        assert_eq!(draft::end(&mut tx, &[request_id], &[]).await.unwrap(), [request_id]);
        let trail = Trail::start(ids.trace(), ids.event());
        let job = NewJob::json(NOTICE, "withdraw".to_owned(), &notice, trail).unwrap();
        let after = jobs.enqueue(&mut tx, vec![job]).await.unwrap();
        tx.commit().await.unwrap();
        after.run();

        let stop = CancellationToken::new();
        let give = GiveNotice { bots: Arc::new(bots), pool: pool.clone(), clock };
        let queue = Queue::new(Arc::new(give)).into_task(pool.clone(), ids, jobs, stop.clone());
        let running = tokio::spawn(queue);
        testkit::until("the row is gone", async || {
            let left = "select count(*) from draft";
            (number(&mut pool.acquire().await.unwrap(), left).await == 0).then_some(())
        })
        .await;
        stop.cancel();
        running.await.unwrap();
    }
}
