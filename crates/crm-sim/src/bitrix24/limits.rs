//! The two limits: how often anything may be called, and how long a method may work.

use std::collections::BTreeMap;

use ids::{SignedDuration, Timestamp};

/// Seconds that a basket of operating time counts.
const REMEMBERED: i64 = 600;

/// A leaky bucket of requests.
pub(super) struct Bucket {
    level: f64,
    at: Timestamp,
}

impl Bucket {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self { level: 0.0, at: now }
    }

    /// Whether one more finds room.
    pub(super) fn takes(&mut self, now: Timestamp, holds: f64, drained: f64) -> bool {
        let passed = now.duration_since(self.at).max(SignedDuration::ZERO).as_secs_f64();
        self.level = (self.level - passed * drained).max(0.0);
        self.at = now;
        let fits = self.level + 1.0 <= holds;
        if fits {
            self.level += 1.0;
        }
        fits
    }

    pub(super) fn fill(&mut self, holds: f64) {
        self.level = holds;
    }
}

/// Seconds that methods have worked, in baskets of a minute.
#[derive(Default)]
pub(super) struct Operating(BTreeMap<String, Vec<Basket>>);

struct Basket {
    /// Unix seconds of the first call in it.
    since: i64,
    worked: f64,
}

impl Operating {
    /// What a method has worked, and when the oldest part of that is forgotten, in Unix seconds.
    pub(super) fn of(&mut self, method: &str, now: Timestamp) -> (f64, i64) {
        let now = now.as_second();
        let baskets = self.0.entry(method.to_owned()).or_default();
        baskets.retain(|basket| basket.since + REMEMBERED > now);
        let worked = baskets.iter().map(|basket| basket.worked).sum();
        (worked, baskets.first().map_or(now, |basket| basket.since) + REMEMBERED)
    }

    pub(super) fn add(&mut self, method: &str, now: Timestamp, seconds: f64) {
        let now = now.as_second();
        let baskets = self.0.entry(method.to_owned()).or_default();
        match baskets.last_mut().filter(|basket| basket.since + 60 > now) {
            Some(basket) => basket.worked += seconds,
            None => baskets.push(Basket { since: now, worked: seconds }),
        }
    }
}
