//! What one window of one scope has seen, and what it still admits. The state machine of a reservation is here:
//! held, then settled once; it knows no database.

use ids::Timestamp;

use super::window::{Period, Window};

/// What is counted: a scope and for how long. `all` sorts before every other, and is locked first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) scope: String,
    pub(crate) period: Period,
}

/// `None` is no limit. Money is in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) calls: Option<i64>,
    pub(crate) micros: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) window: Window,
    pub(crate) calls: i64,
    pub(crate) held_micros: i64,
    pub(crate) spent_micros: i64,
    /// In percent: 0, 80 or 100.
    pub(crate) told: i16,
    /// What an API key may spend in it by its own card, as it was last said; `None` where the card says nothing.
    pub(crate) card_micros: Option<i64>,
}

/// Shares of a budget that are told of, in percent.
const TOLD: [i16; 2] = [100, 80];

impl Counter {
    pub(crate) const fn new(window: Window) -> Self {
        Self { window, calls: 0, held_micros: 0, spent_micros: 0, told: 0, card_micros: None }
    }

    /// Begins anew where the window has ended. A worker whose clock is behind does not go back to one that is over.
    pub(crate) fn enter(&mut self, window: Window, now: Timestamp) {
        if now >= self.window.ends_at {
            *self = Self { card_micros: self.card_micros, ..Self::new(window) };
        }
    }

    /// Whether there is a call left, whatever it costs.
    pub(crate) fn has_call(&self, limit: Limit, calls: i64) -> bool {
        calls == 0 || limit.calls.is_none_or(|most| self.calls.saturating_add(calls) <= most)
    }

    /// Whether what is spent alone leaves too little, and not what is held and may come back.
    pub(crate) fn is_short_of(&self, limit: Limit, micros: i64) -> bool {
        limit.micros.is_some_and(|most| self.spent_micros.saturating_add(micros) > most)
    }

    pub(crate) fn admits(&self, limit: Limit, calls: i64, micros: i64) -> bool {
        let used = self.held_micros.saturating_add(self.spent_micros);
        self.has_call(limit, calls) && limit.micros.is_none_or(|most| used.saturating_add(micros) <= most)
    }

    pub(crate) fn hold(&mut self, calls: i64, micros: i64) {
        self.calls = self.calls.saturating_add(calls);
        self.held_micros = self.held_micros.saturating_add(micros);
    }

    /// A session goes on.
    pub(crate) fn extend(&mut self, ends_at: Timestamp) {
        self.window.ends_at = self.window.ends_at.max(ends_at);
    }

    /// What was held in the window that began at `since` is spent. That of an earlier window is not of this one.
    pub(crate) fn settle(&mut self, since: Timestamp, held: i64, calls_back: i64, spent: i64) {
        if since != self.window.since {
            return;
        }
        self.held_micros = self.held_micros.saturating_sub(held).max(0);
        self.calls = self.calls.saturating_sub(calls_back).max(0);
        self.spent_micros = self.spent_micros.saturating_add(spent).max(0);
    }

    /// The share of the limit, in percent, that is to be told of now; once each. `refused`: there was not enough left.
    pub(crate) fn tell(&mut self, limit: Limit, refused: bool) -> Option<i16> {
        let over = |used: i64, most: Option<i64>, percent: i16| {
            most.is_some_and(|most| {
                most > 0 && i128::from(used) * 100 >= i128::from(most) * i128::from(percent)
            })
        };
        let reached = TOLD.into_iter().find(|percent| {
            (refused && *percent == 100)
                || over(self.calls, limit.calls, *percent)
                || over(self.spent_micros, limit.micros, *percent)
        })?;
        let is_new = reached > self.told;
        self.told = self.told.max(reached);
        is_new.then_some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(since: i64) -> Window {
        let at = |second| Timestamp::from_second(second).unwrap();
        Window { since: at(since), ends_at: at(since + 100) }
    }

    fn limit(calls: i64, micros: i64) -> Limit {
        Limit { calls: Some(calls), micros: Some(micros) }
    }

    #[test]
    fn a_new_window_begins_with_nothing_and_an_old_one_does_not_come_back() {
        let mut counter = Counter::new(window(0));
        counter.hold(1, 40);
        counter.enter(window(100), Timestamp::from_second(99).unwrap());
        assert_eq!(counter.calls, 1);
        counter.enter(window(100), Timestamp::from_second(100).unwrap());
        assert_eq!(counter, Counter::new(window(100)));
        // A clock that is behind.
        counter.enter(window(0), Timestamp::from_second(98).unwrap());
        assert_eq!(counter.window, window(100));
        // Held yesterday, spent today: yesterday's.
        counter.settle(window(0).since, 40, 0, 30);
        assert_eq!(counter, Counter::new(window(100)));
    }

    #[test]
    fn each_share_is_told_once() {
        let mut counter = Counter::new(window(0));
        let limit = limit(100, 1_000);
        counter.hold(79, 0);
        assert_eq!(counter.tell(limit, false), None);
        counter.hold(1, 0);
        assert_eq!([counter.tell(limit, false), counter.tell(limit, false)], [Some(80), None]);
        counter.hold(0, 900);
        assert_eq!(counter.tell(limit, false), None, "what is held may still come back");
        assert_eq!([counter.tell(limit, true), counter.tell(limit, true)], [Some(100), None]);
        assert_eq!(counter.tell(Limit::default(), false), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Reserve(i64),
        /// The reservation (modulo those open), the share of it that was spent in percent, whether a call was made.
        Settle(usize, i64, bool),
        NextWindow,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0i64..400).prop_map(Step::Reserve),
            3 => (any::<usize>(), 0i64..=100, any::<bool>()).prop_map(|(n, share, made)| Step::Settle(n, share, made)),
            1 => Just(Step::NextWindow),
        ]
    }

    proptest! {
        #[test]
        fn nothing_is_overspent_and_nothing_stays_held(steps in prop::collection::vec(step(), 0..80)) {
            let limit = limit(10, 1_000);
            let mut counter = Counter::new(window(0));
            // (since, held, calls)
            let mut open: Vec<(Timestamp, i64)> = Vec::new();
            for step in steps {
                match step {
                    Step::Reserve(micros) if counter.admits(limit, 1, micros) => {
                        counter.hold(1, micros);
                        open.push((counter.window.since, micros));
                    }
                    Step::Reserve(_) => {}
                    Step::Settle(..) if open.is_empty() => {}
                    Step::Settle(nth, share, made) => {
                        let (since, held) = open.swap_remove(nth % open.len());
                        let spent = if made { held * share / 100 } else { 0 };
                        counter.settle(since, held, i64::from(!made), spent);
                    }
                    Step::NextWindow => {
                        let next = counter.window.since.as_second() + 100;
                        counter.enter(window(next), Timestamp::from_second(next).unwrap());
                    }
                }
                prop_assert!(counter.calls <= 10 && counter.held_micros >= 0);
                prop_assert!(counter.spent_micros + counter.held_micros <= 1_000);
                let held: i64 = open.iter().filter(|(since, _)| *since == counter.window.since).map(|(_, held)| held).sum();
                prop_assert_eq!(counter.held_micros, held);
            }
        }
    }
}
