use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Turn};
use crate::domain::{Chat, Person, What};
use crate::limits::{LIFT, Lift};
use crate::store::conversation::ChatKey;

/// An admin has lifted a limit: the conversation is told, as it is told of everything else.
pub(crate) struct LiftLimit {
    pub(crate) conversations: Conversations,
}

#[async_trait]
impl JobHandler for LiftLimit {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(LIFT)
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let lift: Lift = job.json()?;
        if self.conversations.bots.get(&lift.bot).is_none() {
            // It may be configured on another replica, or again after a correction.
            let failure = Failure::new(Class::Transient, format!("bot {} is not configured here", lift.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        }
        Ok(())
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        let mut turns = Vec::with_capacity(done.len());
        for (job, ()) in done {
            let Lift { bot, chat_id, person } = job.json()?;
            let is_private = person == chat_id;
            turns.push(Turn {
                person: Person { user_id: person, ..Person::default() },
                chat: Chat { id: chat_id, private: is_private, addressed: true, topic: None },
                ..Turn::of_ours(ChatKey { bot, chat_id }, What::Lifted { person }, job.trail.clone())
            });
        }
        self.conversations.run(tx, turns).await
    }
}
