use std::time::Duration;

use async_trait::async_trait;
use bot_folder::NextStep;
use classify::{Class, Failure};
use events::Trail;
use ids::Pii;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, DEADLINE, Deadline, Place, Turn};
use crate::domain::{Chat, Message, ModelAnswer, ModelOutcome, Person, What};
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
        let turns = done.iter().map(|(job, ())| Ok(turn(job.json()?, job.trail.clone())));
        self.conversations.run(tx, turns.collect::<Result<_, Failure>>()?).await
    }
}

fn turn(deadline: Deadline, trail: Trail) -> Turn {
    Turn {
        key: ChatKey { bot: deadline.bot, chat_id: deadline.chat_id },
        chat_kind: String::new(),
        what: What::ModelAnswered(ModelAnswer {
            request_id: deadline.request_id,
            outcome: ModelOutcome::Failed,
            text: Pii::default(),
            citations: Vec::new(),
            confidence: None,
            next: NextStep::Continue,
            offline: false,
            quota_resets_ms: None,
        }),
        person: Person::default(),
        chat: Chat::PRIVATE,
        message: Message::default(),
        place: Place::default(),
        said: None,
        // The person has waited since then, so the answer counts from there.
        received_at_ms: deadline.received_at_ms,
        trail,
    }
}

#[cfg(test)]
mod tests {
    use ids::Ids;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_answer_after_the_time_is_up_counts_from_the_question() {
        let ids = Ids::system();
        let mut job = json!({ "bot": "sales", "chat_id": 7, "request_id": ids.request() });
        let received = |job| {
            turn(serde_json::from_value(job).unwrap(), Trail::start(ids.trace(), ids.event())).received_at_ms
        };
        assert_eq!(received(job.clone()), 0, "a job of an older version");
        job["received_at_ms"] = json!(1_700_000_000_000_i64);
        assert_eq!(received(job), 1_700_000_000_000);
    }
}
