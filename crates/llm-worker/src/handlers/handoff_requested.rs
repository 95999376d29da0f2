use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::Failure;
use events::message::bot::{HandoffRequested, turn::Speaker};
use jobs::{Jobs, NewJob};
use pg::{AfterCommit, PgConnection};

use crate::remembering::{HANDOVER, ToHandOver};
use crate::store::erased;

/// A human is called: a brief is prepared for them. Of a talk in which nothing was said there is none.
pub(crate) struct HandoffRequestedHandler {
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl BatchHandler for HandoffRequestedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut jobs = Vec::with_capacity(batch.len());
        for event in batch {
            let request: HandoffRequested = event.decode()?;
            let turns: Vec<(bool, String)> = request
                .turns
                .iter()
                .filter(|turn| !turn.text.trim().is_empty())
                .map(|turn| (turn.speaker() == Speaker::Person, turn.text.clone()))
                .collect();
            let conversation_id = &request.conversation_id;
            if turns.is_empty() || conversation_id.is_empty() || erased::hold_off(tx, conversation_id).await?
            {
                continue;
            }
            let to = ToHandOver {
                handoff_id: event.id.to_string(),
                key: event.key.to_string(),
                conversation_id: request.conversation_id,
                bot: request.bot,
                folder: request.folder,
                version: request.version,
                reason: request.reason,
                follow_up: request.follow_up,
                language: request.language,
                turns,
            };
            // Keyed as summaries are: whoever erases the conversation finds it.
            let key = to.conversation_id.clone();
            jobs.push(NewJob::json(HANDOVER, key, &to, event.trail_of_effects())?);
        }
        Ok(self.jobs.enqueue(tx, jobs).await?)
    }
}
