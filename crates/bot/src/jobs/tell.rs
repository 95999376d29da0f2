use std::sync::Arc;

use async_trait::async_trait;
use classify::Failure;
use ids::{ConversationId, Pii};
use jobs::{Job, JobError, JobHandler, Jobs, QueueSpec};
use pg::{AfterCommit, PgConnection};
use serde::{Deserialize, Serialize};

use crate::bots::Bots;
use crate::conversation::{Where, sends};
use crate::domain::{Outgoing, Source};
use crate::store::conversation::ChatKey;

pub(crate) const TELL: &str = "bot.erasure-tell";

/// An operator has called off the erasure of this person. Whoever writes it need not know the bot's texts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) conversation_id: ConversationId,
    pub(crate) language: String,
}

/// Tells people what an operator has done about their erasure.
pub(crate) struct TellPerson {
    pub(crate) bots: Arc<Bots>,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl JobHandler for TellPerson {
    type Done = Tell;

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 4, ..QueueSpec::new(TELL) }
    }

    async fn run(&self, job: &Job) -> Result<Tell, JobError> {
        Ok(job.json()?)
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Tell)]) -> Result<AfterCommit, Failure> {
        let mut jobs = Vec::with_capacity(done.len());
        for (job, tell) in done {
            // A bot that is not served any more says nothing.
            let Some(served) = self.bots.get(&tell.bot) else { continue };
            let text = served.rights_text(&tell.language, |texts| &texts.forget_cancelled, &[]);
            let outgoing = Outgoing::of(Pii::new(text), Vec::new(), Source::Command);
            let key = ChatKey { bot: tell.bot.clone(), chat_id: tell.chat_id };
            jobs.extend(sends(&key, tell.conversation_id, Where::PRIVATE, outgoing, 0, &job.trail)?);
        }
        Ok(self.jobs.enqueue(tx, jobs).await?)
    }
}
