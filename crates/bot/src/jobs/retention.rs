use async_trait::async_trait;
use bus::outbox::Outbox;
use classify::Failure;
use events::Trail;
use ids::{Clock, Ids, SignedDuration, Timestamp};
use jobs::Chore;
use pg::{PgError, Pool};

use crate::conversation::{Closed, told_of_closed};
use crate::store::archive;

/// Why a conversation is closed that was archived.
const IDLE: &str = "idle";

pub(crate) const RETENTION: &str = "bot.retention";

/// Archives conversations in which nothing happens any more, and deletes messages that are too old.
pub(crate) struct Retention {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
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
        let mut archived = 0;
        loop {
            let some = self.archive_some(cutoff).await?;
            archived += some as u64;
            if some < archive::BATCH {
                break;
            }
        }
        if archived > 0 {
            tracing::info!(archived, "conversations in which nothing happened were archived");
            metrics::counter!("dragoman_conversations_archived_total").increment(archived);
        }
        Ok(())
    }

    /// Returns how many.
    async fn archive_some(&self, cutoff: Timestamp) -> Result<usize, Failure> {
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let idle = archive::idle(&mut tx, cutoff).await?;
        let of = |one: &archive::Idle| {
            let trail = Trail::start(self.ids.trace(), self.ids.event());
            let (key, conversation_id) = (one.key.clone(), one.conversation_id);
            Closed { key, conversation_id, why: IDLE.to_owned(), trail }
        };
        // Of one that was closed before it has been told.
        let closed = idle.iter().filter(|one| one.is_open).map(of).collect();
        let events = told_of_closed(&mut tx, &self.ids, self.clock.now_ms(), closed).await?;
        archive::archive(&mut tx, &idle).await?;
        let published = self.outbox.put(&mut tx, &events).await?;
        tx.commit().await.map_err(PgError::from)?;
        published.run();
        Ok(idle.len())
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

#[cfg(test)]
mod tests {
    use ids::ManualClock;

    use super::*;
    use crate::store::conversation::{self, ChatKey};
    use crate::store::tests::{bytes, change, database, number, text};

    #[tokio::test]
    async fn whoever_has_a_lead_is_told_once_when_its_conversation_falls_asleep() {
        let (_database, pool) = database().await;
        let mut connection = pool.acquire().await.unwrap();
        // Two with a lead, of which one is blocked and was told of then; one without; a group in which there was one.
        change(
            &mut connection,
            "insert into conversation (bot, chat_id, id, chat_kind, language, state, closed_why, updated_at)
             select 'sales', n, ('00000000-0000-0000-0000-00000000000' || n)::uuid,
                    case n when 4 then 'supergroup' else 'private' end, 'ru', '{}',
                    case n when 2 then 'blocked' end, '2023-01-01'
             from unnest(array[1, 2, 3, 4]) n",
        )
        .await;
        change(
            &mut connection,
            "insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                               captured_at)
             select ('00000000-0000-0000-0000-00000000010' || n)::uuid, ('00000000-0000-0000-0000-00000000000' || n)::uuid,
                    'sales', 'intake', 'ru', 'warm', 50, '[]', '[]', '{}', '2023-01-01'
             from unnest(array[1, 2, 4]) n",
        )
        .await;
        change(
            &mut connection,
            "insert into message (conversation_id, at, from_person, kind, text, message_id)
             select '00000000-0000-0000-0000-000000000001', '2023-01-01', n < 3, 'text', '', n
             from unnest(array[1, 2, 3]) n",
        )
        .await;
        let retention = Retention {
            pool: pool.clone(),
            clock: ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap()).clock(),
            ids: Ids::system(),
            outbox: Outbox::default(),
            archive_after: 90,
            messages_kept: 0,
        };
        for _ in 0..2 {
            retention.run().await.unwrap();
        }
        let archived = "select count(*) from conversation where archived_at is not null";
        assert_eq!(number(&mut connection, archived).await, 4);
        assert_eq!(number(&mut connection, "select count(*) from outbox").await, 1);
        assert!(
            text(&mut connection, "select subject from outbox").await.contains("bot.conversation.closed")
        );
        let payload = bytes(&mut connection, "select payload from outbox").await;
        let event: events::message::bot::ConversationClosed = prost::Message::decode(&payload[..]).unwrap();
        assert_eq!(event.lead_id, "00000000-0000-0000-0000-000000000101");
        assert_eq!((event.reason.as_str(), event.language.as_str()), ("idle", "ru"));
        assert_eq!((event.said_by_person, event.said_by_bot), (2, 1));
        assert_eq!(event.last_said_at_ms, 1_672_531_200_000);

        // The bot says something, and it falls asleep again: that is not told once more.
        let wakes = "update conversation set archived_at = null where chat_id = 1";
        change(&mut connection, wakes).await;
        retention.run().await.unwrap();
        assert_eq!(number(&mut connection, archived).await, 4);
        assert_eq!(number(&mut connection, "select count(*) from outbox").await, 1);
        // Then the person writes.
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 1 };
        let mut known = conversation::load(&mut connection, std::slice::from_ref(&key)).await.unwrap();
        let known = known.get_mut(&key).unwrap();
        assert!(std::mem::take(&mut known.told_idle));
        conversation::save(&mut connection, &[(&key, known)]).await.unwrap();
        change(&mut connection, "update conversation set updated_at = '2023-02-01' where chat_id = 1").await;
        retention.run().await.unwrap();
        assert_eq!(number(&mut connection, "select count(*) from outbox").await, 2);
    }
}
