//! How many calls one place takes at a time, and when those come back who found it busy.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Nobody is told to come back sooner: a claim costs more than the wait.
const SOONEST: Duration = Duration::from_millis(100);
/// A place whose last call took no longer has a slot again in a moment, which is waited for on the spot, for as long at most.
const QUICK: Duration = Duration::from_millis(100);

/// Slots of an endpoint or an account: one that hangs must not take every slot of its queue from the others.
pub(crate) struct Slots {
    slots: Semaphore,
    line: Line,
}

impl Slots {
    pub(crate) fn new(slots: usize) -> Self {
        Self { slots: Semaphore::new(slots), line: Line::new(slots) }
    }

    /// A slot.
    ///
    /// # Errors
    /// How long one more has to wait, where there is none.
    pub(crate) async fn take(&self) -> Result<SemaphorePermit<'_>, Duration> {
        if let Ok(slot) = self.slots.try_acquire() {
            return Ok(slot);
        }
        if self.line.is_quick()
            && let Ok(Ok(slot)) = tokio::time::timeout(QUICK, self.slots.acquire()).await
        {
            return Ok(slot);
        }
        Err(self.line.join(Instant::now()))
    }

    /// A call took so long.
    pub(crate) fn took(&self, took: Duration) {
        self.line.took(took);
    }
}

/// Who found no slot comes back one after the other, as the calls take, and not all of a backlog each second.
#[derive(Debug)]
struct Line {
    slots: u32,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Of the last call that ended.
    took: Duration,
    /// When the last of the line comes back.
    end: Option<Instant>,
}

impl Line {
    /// Before so many slots.
    fn new(slots: usize) -> Self {
        Self { slots: u32::try_from(slots).unwrap_or(1).max(1), inner: Mutex::default() }
    }

    fn took(&self, took: Duration) {
        self.inner(|inner| inner.took = took);
    }

    /// Whether the last call ended soon. Before the first nobody knows.
    fn is_quick(&self) -> bool {
        self.inner(|inner| !inner.took.is_zero() && inner.took <= QUICK)
    }

    /// How long one more has to wait.
    fn join(&self, now: Instant) -> Duration {
        self.inner(|inner| {
            let each = inner.took / self.slots;
            let first = now + SOONEST;
            let end = inner.end.map_or(first, |end| first.max(end + each));
            inner.end = Some(end);
            end.saturating_duration_since(now)
        })
    }

    fn inner<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        with(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_of_a_slow_endpoint_comes_back_as_it_can_be_served() {
        let (line, now) = (Line::new(16), Instant::now());
        assert_eq!(line.join(now), SOONEST);
        line.took(Duration::from_secs(16));
        let waits: Vec<u64> = (0..3).map(|_| line.join(now).as_millis() as u64).collect();
        assert_eq!(waits, [1_100, 2_100, 3_100]);
        // Whoever comes when the line has gone waits no longer than the first.
        assert_eq!(line.join(now + Duration::from_secs(60)), SOONEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_place_is_waited_for_on_the_spot_and_one_that_hangs_is_not() {
        let slots = Slots::new(1);
        let held = slots.take().await.unwrap();
        assert_eq!(slots.take().await.unwrap_err(), SOONEST, "nobody knows how quick it is");
        slots.took(Duration::from_millis(5));
        let (_, waited) = tokio::join!(
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                drop(held);
            },
            slots.take()
        );
        let held = waited.unwrap();
        assert!(slots.take().await.is_err(), "for a moment only");
        drop(held);
        slots.took(Duration::from_secs(10));
        let _held = slots.take().await.unwrap();
        let asked = tokio::time::Instant::now();
        assert!(slots.take().await.is_err());
        assert_eq!(asked.elapsed(), Duration::ZERO);
    }
}
