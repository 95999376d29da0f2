use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::{Clock, SignedDuration, Uuid};
use jobs::Chore;
use pg::{PgError, Pool};

use crate::files::Vault;
use crate::store::file::{self, Over};

/// Files erased in one go; the rest follows at once.
const BATCH: i64 = 100;

/// After so many that could not be erased the storage is down, and the next turn tries again.
const MOST_FAILED: i64 = 20;

/// No file is written for so long: who began has died.
const HALF_WRITTEN: SignedDuration = SignedDuration::from_hours(1);

/// Erases files whose time is over: the content, and in one with it what is known of it. To be cut off leaves it to
/// the next turn.
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
        let swept = self.sweep().await;
        let erased = erase_expired(&self.pool, &self.vault, None, &self.clock).await?;
        erased.map_or(swept, Err)
    }
}

impl EraseFiles {
    /// What is half written and nobody finishes any more is somebody's content too.
    async fn sweep(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let swept = self.vault.sweep(now.checked_sub(HALF_WRITTEN).unwrap_or(now)).await?;
        if swept > 0 {
            tracing::warn!(swept, "files were left half written, and are deleted");
        }
        Ok(())
    }
}

/// Erases the files whose time is over, of this conversation or of all. Where the storage did not do it for some, why
/// not: they are left as they are.
pub(super) async fn erase_expired(
    pool: &Pool,
    vault: &Vault,
    of: Option<Uuid>,
    clock: &Clock,
) -> Result<Option<Failure>, Failure> {
    let (mut failed, mut last) = (0, None);
    loop {
        let now_ms = clock.now_ms();
        let mut connection = pool.acquire().await.map_err(PgError::from)?;
        // Those that could not be erased come first again.
        let expired = file::expired(&mut connection, of, now_ms, failed, BATCH).await?;
        drop(connection);
        if expired.is_empty() {
            return Ok(last);
        }
        for Over { id, bot, place } in expired {
            match erase(pool, vault, id, &place, now_ms).await {
                Ok(true) => metrics::counter!("dragoman_files_erased_total", "bot" => bot).increment(1),
                Ok(false) => {}
                Err(failure) => {
                    tracing::warn!(file = %id, bot, %failure, "a file could not be erased and is tried again");
                    failed += 1;
                    last = Some(failure);
                }
            }
            if failed >= MOST_FAILED {
                return Ok(last);
            }
        }
    }
}

/// Whether it is gone; one that was sent again meanwhile stays.
async fn erase(pool: &Pool, vault: &Vault, id: Uuid, place: &str, now_ms: i64) -> Result<bool, Failure> {
    let mut tx = pool.begin().await.map_err(PgError::from)?;
    let is_over = file::erase(&mut tx, id, now_ms).await?;
    if is_over {
        vault.delete(place).await?;
    }
    tx.commit().await.map_err(PgError::from)?;
    Ok(is_over)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ids::{Ids, ManualClock, Timestamp};

    use super::*;
    use crate::domain::FileFate;
    use crate::files::FilesConfig;
    use crate::store::file::tests::{new, outcome};
    use crate::store::tests::{database, number};

    #[tokio::test]
    async fn a_file_whose_time_is_over_leaves_neither_content_nor_names() {
        let (_database, pool) = database().await;
        let place = tempfile::tempdir().unwrap();
        let vault =
            Vault::of(&FilesConfig { folder: place.path().join("files"), ..FilesConfig::default() }).unwrap();
        let hands = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
        let now_ms = hands.clock().now_ms();
        let conversation = Ids::system().conversation();
        let mut connection = pool.acquire().await.unwrap();
        let mut places = Vec::new();
        for (name, at_ms) in [("old", now_ms), ("young", now_ms + 5_000)] {
            let (id, _) = file::receive(&mut connection, &new(conversation, name, at_ms)).await.unwrap();
            file::end(&mut connection, id, &outcome(FileFate::Kept)).await.unwrap();
            let place = file::load(&mut connection, id).await.unwrap().unwrap().place;
            vault.put(&place, Bytes::from_static(b"content")).await.unwrap();
            places.push((id, place));
        }
        let chore = EraseFiles { pool: pool.clone(), clock: hands.clock(), vault: vault.clone() };
        chore.run().await.unwrap();
        assert!(vault.get(&places[0].1).await.is_ok(), "its time is not over yet");
        hands.advance(SignedDuration::from_secs(2));
        chore.run().await.unwrap();
        assert!(vault.get(&places[0].1).await.is_err());
        assert!(vault.get(&places[1].1).await.is_ok());
        assert!(file::kept(&mut connection, places[0].0, now_ms).await.unwrap().is_none());
        assert!(file::kept(&mut connection, places[1].0, now_ms).await.unwrap().is_some());
        assert!(file::load(&mut connection, places[0].0).await.unwrap().is_none(), "nor who sent it");
        // Its content may be gone already, after a turn that was cut off.
        vault.delete(&places[1].1).await.unwrap();
        hands.advance(SignedDuration::from_secs(9));
        chore.run().await.unwrap();
        assert_eq!(number(&mut connection, "select count(*) from file").await, 0);
    }

    #[tokio::test]
    async fn one_that_can_not_be_erased_keeps_no_other_from_it() {
        let (_database, pool) = database().await;
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("files");
        let vault = Vault::of(&FilesConfig { folder: folder.clone(), ..FilesConfig::default() }).unwrap();
        let now_ms = 1_700_000_000_000;
        let hands = ManualClock::at(Timestamp::from_millisecond(now_ms + 2_000).unwrap());
        let conversation = Ids::system().conversation();
        let mut connection = pool.acquire().await.unwrap();
        let mut of = Vec::new();
        for (name, at_ms) in [("stuck", now_ms), ("other", now_ms + 1)] {
            let (id, _) = file::receive(&mut connection, &new(conversation, name, at_ms)).await.unwrap();
            file::end(&mut connection, id, &outcome(FileFate::Kept)).await.unwrap();
            of.push((id, file::load(&mut connection, id).await.unwrap().unwrap().place));
        }
        vault.put(&of[1].1, Bytes::from_static(b"content")).await.unwrap();
        // A folder is not deleted as a file is.
        std::fs::create_dir_all(folder.join(&of[0].1)).unwrap();
        let chore = EraseFiles { pool: pool.clone(), clock: hands.clock(), vault: vault.clone() };
        assert!(chore.run().await.is_err(), "somebody is told");
        assert!(vault.get(&of[1].1).await.is_err());
        let late = hands.clock().now_ms();
        let left = file::expired(&mut connection, None, late, 0, 9).await.unwrap();
        assert_eq!(left.iter().map(|over| over.id).collect::<Vec<_>>(), [of[0].0], "it is tried again");
        assert!(
            file::kept(&mut connection, of[0].0, late).await.unwrap().is_none(),
            "its links are no longer good"
        );
        // Sent again before its turn, it stays.
        file::receive(&mut connection, &new(conversation, "stuck", late)).await.unwrap();
        assert!(!file::erase(&mut connection, of[0].0, late).await.unwrap());
        chore.run().await.unwrap();
        assert!(file::kept(&mut connection, of[0].0, late).await.unwrap().is_some());
    }
}
