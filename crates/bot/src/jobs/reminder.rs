use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use events::Trail;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, REMINDER, Reminder, Turn};
use crate::domain::What;
use crate::store::conversation::ChatKey;

/// When a person has been silent in a flow for long enough the conversation is told so; the engine knows whether there
/// is still something to be reminded of.
pub(crate) struct RemindOfFlow {
    pub(crate) conversations: Conversations,
}

#[async_trait]
impl JobHandler for RemindOfFlow {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(REMINDER)
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let reminder: Reminder = job.json()?;
        if self.conversations.bots.get(&reminder.bot).is_none() {
            // It may be configured on another replica, or again after a correction.
            let failure =
                Failure::new(Class::Transient, format!("bot {} is not configured here", reminder.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(60)), failure });
        }
        Ok(())
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        let turns = done.iter().map(|(job, ())| Ok(turn(job.json()?, job.trail.clone())));
        self.conversations.run(tx, turns.collect::<Result<_, Failure>>()?).await
    }
}

fn turn(reminder: Reminder, trail: Trail) -> Turn {
    let key = ChatKey { bot: reminder.bot, chat_id: reminder.chat_id };
    Turn::of_ours(key, What::ReminderDue { run: reminder.run }, trail)
}
