use async_trait::async_trait;
use classify::Failure;
use ids::{Clock, SignedDuration, Timestamp};
use jobs::Chore;
use pg::Pool;

use crate::store::archive;

pub(crate) const RETENTION: &str = "bot.retention";

/// Archives conversations in which nothing happens any more, and deletes messages that are too old.
pub(crate) struct Retention {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    /// Days; 0: never.
    pub(crate) archive_after: u32,
    pub(crate) messages_kept: u32,
}

#[async_trait]
impl Chore for Retention {
    /// Each half whatever becomes of the other.
    async fn run(&self) -> Result<(), Failure> {
        let archived = self.archive().await;
        self.forget().await.and(archived)
    }
}

impl Retention {
    async fn archive(&self) -> Result<(), Failure> {
        let Some(cutoff) = self.before(self.archive_after) else { return Ok(()) };
        let archived = archive::archive(&self.pool, cutoff).await?;
        if archived > 0 {
            tracing::info!(archived, "conversations in which nothing happened were archived");
            metrics::counter!("dragoman_conversations_archived_total").increment(archived);
        }
        Ok(())
    }

    async fn forget(&self) -> Result<(), Failure> {
        let Some(cutoff) = self.before(self.messages_kept) else { return Ok(()) };
        let deleted = archive::forget_messages(&self.pool, cutoff).await?;
        if deleted > 0 {
            tracing::info!(deleted, "messages that were kept long enough were deleted");
        }
        Ok(())
    }

    fn before(&self, days: u32) -> Option<Timestamp> {
        let age = SignedDuration::from_hours(24 * i64::from(days));
        self.clock.now().checked_sub(age).ok().filter(|_| days > 0)
    }
}
