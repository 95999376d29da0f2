use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use events::Trail;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Place, QUIET, Quiet, Turn};
use crate::domain::{Chat, Message, Person, What};
use crate::store::conversation::ChatKey;

/// When a person has been quiet for long enough, what they wrote in pieces is answered. Where more has come
/// meanwhile the engine waits on, and where it is answered already this is nothing.
pub(crate) struct QuietEnds {
    pub(crate) conversations: Conversations,
}

#[async_trait]
impl JobHandler for QuietEnds {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(QUIET)
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let quiet: Quiet = job.json()?;
        if self.conversations.bots.get(&quiet.bot).is_none() {
            // It may be configured on another replica, or again after a correction; the deadline tells the person.
            let failure = Failure::new(Class::Transient, format!("bot {} is not configured here", quiet.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        }
        Ok(())
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        let turns = done.iter().map(|(job, ())| Ok(turn(job.json()?, job.trail.clone())));
        self.conversations.run(tx, turns.collect::<Result<_, Failure>>()?).await
    }
}

fn turn(quiet: Quiet, trail: Trail) -> Turn {
    Turn {
        key: ChatKey { bot: quiet.bot, chat_id: quiet.chat_id },
        chat_kind: String::new(),
        what: What::Quiet { turn: quiet.turn, due_ms: quiet.due_ms },
        person: Person::default(),
        chat: Chat::PRIVATE,
        message: Message::default(),
        place: Place::default(),
        said: None,
        // The person has waited since then, so the answer counts from there.
        received_at_ms: quiet.received_at_ms,
        trail,
    }
}
