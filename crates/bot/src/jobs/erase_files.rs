use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::{Clock, ConversationId};
use jobs::Chore;
use pg::{PgError, Pool};

use crate::files::Vault;
use crate::store::file;

/// Files erased in one go; the rest follows at once.
const BATCH: i64 = 100;

/// Erases files whose time is over: first the content, then what is known of it. To be cut off between the two
/// leaves it to the next turn.
pub(crate) struct EraseFiles {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) vault: Vault,
}

impl EraseFiles {
    /// The name of its queue.
    pub(crate) const QUEUE: &str = "bot.erase-files";
    /// Between two turns.
    pub(crate) const EVERY: Duration = Duration::from_secs(60 * 60);
}

#[async_trait]
impl Chore for EraseFiles {
    async fn run(&self) -> Result<(), Failure> {
        loop {
            let now_ms = self.clock.now_ms();
            let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
            let expired = file::expired(&mut connection, now_ms, BATCH).await?;
            drop(connection);
            if expired.is_empty() {
                return Ok(());
            }
            for (id, bot, conversation_id) in expired {
                self.vault.delete(&file::place(&bot, ConversationId(conversation_id), id)).await?;
                let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
                file::erase(&mut connection, id, now_ms).await?;
                metrics::counter!("dragoman_files_erased_total", "bot" => bot).increment(1);
            }
        }
    }
}
