use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use classify::Failure;
use ids::Clock;
use pg::{PgError, Pool, in_time};
use tokio::sync::Semaphore;
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
/// Keys that are remembered. What is no key is not: strangers may make up as many ids as they like.
const MOST: usize = 10_000;
/// How often room is made for others at most, for all are looked at.
const MAKE_ROOM_EVERY: Duration = Duration::from_secs(1);
/// Ids nobody has heard of that are looked up at once; the pool is there for others too.
const STRANGERS: usize = 2;

/// Why a key was not let in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No such key, or not any more. It is not said which.
    Unknown,
    /// It can not be found out now.
    Failed(PgError),
}

/// A key as it was read, and when.
struct Read {
    key: Arc<Key>,
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

#[derive(Default)]
struct Shelf {
    keys: HashMap<String, Read>,
    room_made: Option<Instant>,
}

impl Shelf {
    fn put(&mut self, key: Arc<Key>, at: Instant) {
        let is_known = self.keys.contains_key(&key.id);
        if !is_known
            && self.keys.len() >= MOST
            && self.room_made.is_none_or(|at| at.elapsed() >= MAKE_ROOM_EVERY)
        {
            self.room_made = Some(Instant::now());
            self.keys.retain(|_, read| read.at.elapsed() < STALE);
        }
        if is_known || self.keys.len() < MOST {
            self.keys.insert(key.id.clone(), Read { key, at, claimed_ms: AtomicU64::new(0) });
        }
    }
}

/// What is remembered of an id.
enum Remembered {
    /// The key, read lately.
    Key(Arc<Key>),
    /// A key that has to be read again.
    Old,
    /// It may be anybody's.
    Nothing,
}

struct Inner {
    pool: Pool,
    clock: Clock,
    read: RwLock<Shelf>,
    strangers: Semaphore,
    /// Unix milliseconds of the last use, since it was noted.
    used: Mutex<HashMap<String, i64>>,
}

impl Keys {
    pub(crate) fn new(pool: Pool, clock: Clock) -> Self {
        let (read, used, strangers) = (RwLock::default(), Mutex::default(), Semaphore::new(STRANGERS));
        Self(Arc::new(Inner { pool, clock, read, strangers, used }))
    }

    /// The key that was shown, if it is one of ours and in use.
    pub(crate) async fn open(&self, shown: &str) -> Result<Arc<Key>, Refusal> {
        let shown = Shown::parse(shown).ok_or(Refusal::Unknown)?;
        let now = self.0.clock.now();
        let opened = |key: Option<Arc<Key>>| key.filter(|key| key.opens(&shown, now)).ok_or(Refusal::Unknown);
        let read = match self.remembered(shown.id) {
            Remembered::Key(key) => return opened(Some(key)),
            Remembered::Old => self.look_up(shown.id).await,
            Remembered::Nothing => {
                in_time(async {
                    // It is never closed.
                    let _turn = self.0.strangers.acquire().await;
                    self.look_up(shown.id).await
                })
                .await
            }
        };
        let key = opened(read.map_err(Refusal::Failed)?)?;
        // A key that is in use is looked up every few seconds: often enough to know when that was.
        self.used().insert(key.id.clone(), now.as_millisecond());
        Ok(key)
    }

    fn remembered(&self, id: &str) -> Remembered {
        let read = self.0.read.read().unwrap_or_else(PoisonError::into_inner);
        match read.keys.get(id) {
            Some(read) if read.serves() => Remembered::Key(read.key.clone()),
            Some(_) => Remembered::Old,
            None => Remembered::Nothing,
        }
    }

    async fn look_up(&self, id: &str) -> Result<Option<Arc<Key>>, PgError> {
        // As of before the question: what is revoked while it is asked is not fresh for longer.
        let at = Instant::now();
        let key = api_key::find(&self.0.pool, id).await?.map(Arc::new);
        if let Some(key) = &key {
            self.0.read.write().unwrap_or_else(PoisonError::into_inner).put(key.clone(), at);
        }
        Ok(key)
    }

    fn used(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.0.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes when keys were used since it was noted; what can not be noted now is noted next time.
    async fn note(&self) -> Result<(), PgError> {
        let used = std::mem::take(&mut *self.used());
        if used.is_empty() {
            return Ok(());
        }
        let noted = api_key::note_uses(&self.0.pool, &used).await;
        if noted.is_err() {
            let mut later = self.used();
            for (id, at) in used {
                let last = later.entry(id).or_insert(at);
                *last = at.max(*last);
            }
        }
        noted
    }

    /// Notes now and then, and at the end, when keys were used last.
    pub(crate) async fn note_uses(self, stop: CancellationToken) -> Result<(), Failure> {
        let mut ended = false;
        while !ended {
            ended = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(NOTE_EVERY) => false,
            };
            self.note().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
