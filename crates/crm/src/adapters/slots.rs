use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody is told to come back sooner: a claim costs more than the wait.
const SOONEST: Duration = Duration::from_millis(100);

/// When those who found an endpoint or an account busy are to come back: one after the other, as its calls take, and not all
/// of a backlog each second.
#[derive(Debug)]
pub(crate) struct Line {
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
    pub(crate) fn new(slots: usize) -> Self {
        Self { slots: u32::try_from(slots).unwrap_or(1).max(1), inner: Mutex::default() }
    }

    /// A call took so long.
    pub(crate) fn took(&self, took: Duration) {
        self.inner(|inner| inner.took = took);
    }

    /// How long one more has to wait.
    pub(crate) fn join(&self, now: Instant) -> Duration {
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
}
