use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use classify::Failure;
use ids::Clock;
use pg::{PgError, Pool};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Key, Shown};
use crate::store::api_key;

/// What was read this lately is as good as read.
const FRESH: Duration = Duration::from_secs(2);
/// Up to here one request reads it again and the others do not wait for that. Past it nobody is let in unread: so
/// long a key opens at most after it was revoked.
const STALE: Duration = Duration::from_secs(5);
/// How long the others leave it to the one that reads.
const CLAIM: Duration = Duration::from_secs(1);
/// How often it is noted when keys were used last.
const NOTE_EVERY: Duration = Duration::from_secs(10);
/// Ids that are remembered, known or not; strangers may make up as many as they like.
const MOST: usize = 10_000;

/// Why a key was not let in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No such key, or not any more. It is not said which.
    Unknown,
    /// It can not be found out now.
    Failed(PgError),
}

/// What was read of an id, and when; `None` where there is no such key.
struct Read {
    key: Option<Arc<Key>>,
    at: Instant,
    /// Milliseconds after `at` until which somebody reads it again.
    claimed_ms: AtomicU64,
}

impl Read {
    /// Whether it may be used as it is.
    fn serves(&self) -> bool {
        let age = self.at.elapsed();
        if age < FRESH || age >= STALE {
            return age < FRESH;
        }
        let (now, until) = (millis(age), millis(age + CLAIM));
        let claim = |claimed| (claimed <= now).then_some(until);
        // Whoever gets the claim reads.
        self.claimed_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim).is_err()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The keys that were shown lately. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keys(Arc<Inner>);

struct Inner {
    pool: Pool,
    clock: Clock,
    read: RwLock<HashMap<String, Read>>,
    /// Unix milliseconds of the last use, since it was noted.
    used: Mutex<HashMap<String, i64>>,
}

impl Keys {
    pub(crate) fn new(pool: Pool, clock: Clock) -> Self {
        let (read, used) = (RwLock::default(), Mutex::default());
        Self(Arc::new(Inner { pool, clock, read, used }))
    }

    /// The key that was shown, if it is one of ours and in use.
    pub(crate) async fn open(&self, shown: &str) -> Result<Arc<Key>, Refusal> {
        let shown = Shown::parse(shown).ok_or(Refusal::Unknown)?;
        let now = self.0.clock.now();
        let opened = |key: Option<Arc<Key>>| key.filter(|key| key.opens(&shown, now)).ok_or(Refusal::Unknown);
        if let Some(key) = self.remembered(shown.id) {
            return opened(key);
        }
        let key = opened(self.look_up(shown.id).await.map_err(Refusal::Failed)?)?;
        // A key that is in use is looked up every few seconds: often enough to know when that was.
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(key.id.clone(), now.as_millisecond());
        drop(used);
        Ok(key)
    }

    /// `None`: it has to be read; `Some(None)`: there was no such key a moment ago.
    fn remembered(&self, id: &str) -> Option<Option<Arc<Key>>> {
        let read = self.0.read.read().unwrap_or_else(PoisonError::into_inner);
        read.get(id).filter(|read| read.serves()).map(|read| read.key.clone())
    }

    async fn look_up(&self, id: &str) -> Result<Option<Arc<Key>>, PgError> {
        // As of before the question: what is revoked while it is asked is not fresh for longer.
        let at = Instant::now();
        let key = api_key::find(&self.0.pool, id).await?.map(Arc::new);
        let mut read = self.0.read.write().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= MOST {
            read.retain(|_, read| read.at.elapsed() < FRESH);
        }
        if read.len() < MOST || read.contains_key(id) {
            read.insert(id.to_owned(), Read { key: key.clone(), at, claimed_ms: AtomicU64::new(0) });
        }
        Ok(key)
    }

    /// Notes now and then, and at the end, when keys were used last.
    pub(crate) async fn note_uses(self, stop: CancellationToken) -> Result<(), Failure> {
        let mut ended = false;
        while !ended {
            ended = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(NOTE_EVERY) => false,
            };
            let used = std::mem::take(&mut *self.0.used.lock().unwrap_or_else(PoisonError::into_inner));
            if !used.is_empty() {
                api_key::note_uses(&self.0.pool, &used).await?;
            }
        }
        Ok(())
    }
}
