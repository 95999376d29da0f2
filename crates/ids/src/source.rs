use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::{Builder, Uuid};

use crate::{Clock, ConversationId, EventId, LeadId, RequestId, TraceParent};

/// Where new ids and every other random choice come from: the time and a generator, both of which a
/// test can fix.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    rng: Arc<Mutex<StdRng>>,
}

impl Ids {
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Clock::system(), rng: Arc::new(Mutex::new(rand::make_rng())) }
    }

    /// The same ids in the same order for the same seed and the same hands of the clock.
    #[must_use]
    pub fn seeded(clock: Clock, seed: u64) -> Self {
        Self { clock, rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))) }
    }

    fn random<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A UUIDv7: ordered by time, so it is kind to an index.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now_ms()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.random(|rng| rng.random())).into_uuid()
    }

    #[must_use]
    pub fn conversation(&self) -> ConversationId {
        ConversationId(self.uuid())
    }

    #[must_use]
    pub fn lead(&self) -> LeadId {
        LeadId(self.uuid())
    }

    #[must_use]
    pub fn request(&self) -> RequestId {
        RequestId(self.uuid())
    }

    #[must_use]
    pub fn event(&self) -> EventId {
        EventId(self.uuid().to_string())
    }

    #[must_use]
    pub fn trace(&self) -> TraceParent {
        self.random(|rng| TraceParent::new(rng.random(), rng.random()))
    }

    /// What nobody can guess: the secret half of a key.
    #[must_use]
    pub fn secret_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random(|rng| rng.fill(&mut bytes));
        bytes
    }

    /// A number in `[0, 1)`, for jitter and samples.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        self.random(|rng| rng.random())
    }
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ids").field("clock", &self.clock).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;
    use jiff::Timestamp;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let make = || Ids::seeded(ManualClock::at(Timestamp::UNIX_EPOCH).clock(), 7);
        let (a, b) = (make(), make());
        assert_eq!([a.uuid(), a.uuid()], [b.uuid(), b.uuid()]);
        assert_ne!(a.uuid(), a.uuid());
        assert_eq!(a.uuid().get_version_num(), 7);
    }
}
