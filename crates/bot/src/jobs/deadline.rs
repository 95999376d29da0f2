use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use ids::Pii;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, DEADLINE, Deadline, Turn};
use crate::domain::{Chat, ModelAnswer, ModelOutcome, Person, What};
use crate::store::conversation::ChatKey;

/// When a question's time is up and no answer has come, the conversation is told that there is none. An
/// answer that has come makes this nothing: the engine knows the question is no longer open.
pub(crate) struct ModelDeadline {
    pub(crate) conversations: Conversations,
}

#[async_trait]
impl JobHandler for ModelDeadline {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(DEADLINE)
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let deadline: Deadline = job.json()?;
        if self.conversations.bots.get(&deadline.bot).is_none() {
            // It may be configured on another replica, or again after a correction.
            let failure =
                Failure::new(Class::Transient, format!("bot {} is not configured here", deadline.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        }
        Ok(())
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        let mut turns = Vec::with_capacity(done.len());
        for (job, ()) in done {
            let deadline: Deadline = job.json()?;
            turns.push(Turn {
                key: ChatKey { bot: deadline.bot, chat_id: deadline.chat_id },
                chat_kind: String::new(),
                what: What::ModelAnswered(ModelAnswer {
                    request_id: deadline.request_id,
                    outcome: ModelOutcome::Failed,
                    text: Pii::default(),
                    citations: Vec::new(),
                    offline: false,
                }),
                person: Person::default(),
                chat: Chat::PRIVATE,
                said: None,
                received_at_ms: 0,
                trail: job.trail.clone(),
            });
        }
        self.conversations.run(tx, turns).await
    }
}
