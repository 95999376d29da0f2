use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Place, TELL, TellOf, Turn, told_to_leads};
use crate::domain::What;
use crate::store::conversation::ChatKey;
use crate::store::{chat_moved, file_news};

/// Tells a person what became of their files: of all at once that came together, in one message.
pub(crate) struct TellOfFiles {
    pub(crate) conversations: Conversations,
}

#[async_trait]
impl JobHandler for TellOfFiles {
    type Done = TellOf;

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(TELL)
    }

    async fn run(&self, job: &Job) -> Result<TellOf, JobError> {
        let tell: TellOf = job.json()?;
        if self.conversations.bots.get(&tell.bot).is_none() {
            // It may be configured on another replica, or again after a correction.
            let failure = Failure::new(Class::Transient, format!("bot {} is not configured here", tell.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        }
        Ok(tell)
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, TellOf)]) -> Result<AfterCommit, Failure> {
        let key = |tell: &TellOf| ChatKey { bot: tell.bot.clone(), chat_id: tell.chat_id };
        let mut chats: Vec<_> = done.iter().map(|(_, tell)| key(tell)).collect();
        chats.sort_unstable();
        chats.dedup();
        // A group may have moved since, and its files with it.
        let known = chat_moved::conversations(tx, &chats).await?;
        let now_ms = self.conversations.clock.now_ms();
        let mut turns = Vec::with_capacity(done.len());
        let mut events = Vec::new();
        for (job, tell) in done {
            let now = known.get(&key(tell)).copied().filter(|now| *now != tell.conversation_id);
            let mut news = file_news::take(tx, tell.conversation_id, now_ms).await?;
            if let Some(now) = now {
                news.extend(file_news::take(tx, now, now_ms).await?);
            }
            let (key_now, of) = (key(tell), now.unwrap_or(tell.conversation_id));
            let files: Vec<_> = news.iter().flat_map(|(_, files)| files.iter().cloned()).collect();
            let at = (&self.conversations.ids, now_ms);
            events.extend(told_to_leads(tx, at, (&key_now, of), &files, &job.trail).await?);
            for (topic, files) in news {
                // It waits for other files on purpose, so it tells nothing of how fast we answer.
                let turn = Turn::of_ours(key(tell), What::FilesChecked(files), job.trail.clone());
                turns.push(Turn { place: Place { topic, ..Place::default() }, ..turn });
            }
        }
        let published = self.conversations.outbox.put(tx, &events).await?;
        Ok(self.conversations.run(tx, turns).await?.and(published))
    }
}
