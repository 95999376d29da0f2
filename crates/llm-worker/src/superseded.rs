//! Questions in whose place newer ones have come: nobody will be shown their answers, so work on them stops. The
//! word of it may be lost (core NATS); then an answer is paid for that the bot drops.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::Bus;
use classify::{Class, Failure};
use events::SUPERSEDED;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

/// Of those that no work was seen on yet: they may come to us, or to another replica.
const MOST_AHEAD: usize = 1_024;
/// A request's id is a UUID in text.
const LONGEST_ID: usize = 64;

#[derive(Default)]
pub(crate) struct Superseded(Mutex<Known>);

#[derive(Default)]
struct Known {
    working: HashMap<String, CancellationToken>,
    /// Oldest first.
    ahead: VecDeque<String>,
}

/// Work on one question, until it is dropped.
pub(crate) struct Work<'a> {
    all: &'a Superseded,
    request_id: String,
    stop: CancellationToken,
}

impl Superseded {
    pub(crate) fn work_on(&self, request_id: &str) -> Work<'_> {
        let stop = CancellationToken::new();
        let mut known = self.known();
        if known.ahead.iter().any(|id| id == request_id) {
            stop.cancel();
        }
        known.working.insert(request_id.to_owned(), stop.clone());
        Work { all: self, request_id: request_id.to_owned(), stop }
    }

    fn supersede(&self, request_id: &str) {
        let mut known = self.known();
        if let Some(stop) = known.working.get(request_id) {
            return stop.cancel();
        }
        if known.ahead.len() >= MOST_AHEAD {
            known.ahead.pop_front();
        }
        known.ahead.push_back(request_id.to_owned());
    }

    /// Hears of them until `stop`.
    pub(crate) async fn listen(self: Arc<Self>, bus: Bus, stop: CancellationToken) -> Result<(), Failure> {
        let mut heard = bus.core_subscribe(SUPERSEDED).await?;
        loop {
            let word = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                word = heard.next() => word,
            };
            let Some(word) = word else {
                return Err(Failure::new(Class::Transient, "nothing more is heard of superseded questions"));
            };
            if let Some(request_id) = std::str::from_utf8(&word).ok().filter(|id| id.len() <= LONGEST_ID) {
                self.supersede(request_id);
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work<'_> {
    /// Returns when a newer question has come.
    pub(crate) async fn superseded(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.all.known().working.remove(&self.request_id);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn work_is_stopped_before_it_begins_and_while_it_goes_on() {
        let all = Superseded::default();
        let is_stopped = |work: &Work<'_>| work.superseded().now_or_never().is_some();
        let (one, other) = (all.work_on("one"), all.work_on("other"));
        all.supersede("one");
        assert!(is_stopped(&one) && !is_stopped(&other));
        all.supersede("later");
        assert!(is_stopped(&all.work_on("later")));
        drop((one, other));
        assert!(all.known().working.is_empty());
        for nth in 0..2 * MOST_AHEAD {
            all.supersede(&nth.to_string());
        }
        assert_eq!(all.known().ahead.len(), MOST_AHEAD);
    }
}
