//! A provider's keys: the first that works is used, and one that does not is set aside for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Endpoint, Problem};

/// A key that is asked too often rests at least so long, where the provider does not say.
const LEAST_REST: Duration = Duration::from_secs(1);

pub(super) struct Keys {
    provider: String,
    /// How long a key rests that was refused, or is used up.
    rest: Duration,
    /// In the order of the settings.
    keys: Vec<Key>,
}

pub(super) struct Key {
    endpoint: Box<dyn Endpoint>,
    /// It rests until then.
    until: Mutex<Option<Instant>>,
}

impl Key {
    pub(super) fn endpoint(&self) -> &dyn Endpoint {
        &*self.endpoint
    }

    fn until(&self) -> Option<Instant> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_free(&self, now: Instant) -> bool {
        self.until().is_none_or(|until| until <= now)
    }
}

impl Keys {
    /// One endpoint for each key, and at least one.
    pub(super) fn new(provider: &str, rest: Duration, endpoints: Vec<Box<dyn Endpoint>>) -> Self {
        let keys = endpoints.into_iter().map(|endpoint| Key { endpoint, until: Mutex::new(None) }).collect();
        let keys = Self { provider: provider.to_owned(), rest, keys };
        keys.show();
        keys
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Key> {
        self.keys.get(index)
    }

    /// The first key that does not rest; where all do, the one that will be free first.
    pub(super) fn best(&self) -> Option<&Key> {
        let now = Instant::now();
        self.keys
            .iter()
            .find(|key| key.is_free(now))
            .or_else(|| self.keys.iter().min_by_key(|key| key.until()))
    }

    /// Sets a key aside for what came of it. Says whether another one is free, which may do better at once.
    pub(super) fn set_aside(&self, key: &Key, problem: &Problem) -> bool {
        if !problem.is_of_the_key() {
            return false;
        }
        let rest = match problem {
            Problem::RateLimited { wait, .. } => (*wait).max(LEAST_REST).min(self.rest.max(LEAST_REST)),
            _ => self.rest,
        };
        let now = Instant::now();
        let was = key.until.lock().unwrap_or_else(PoisonError::into_inner).replace(now + rest);
        if !matches!(problem, Problem::RateLimited { .. }) && was.is_none_or(|until| until <= now) {
            // Which key it is stands in nobody's log: its place in the settings tells it.
            let place = self.keys.iter().position(|other| std::ptr::eq(other, key)).map_or(0, |at| at + 1);
            tracing::warn!(provider = self.provider, key = place, error = %problem, "a key is set aside");
        }
        self.show();
        self.keys.iter().any(|key| key.is_free(now))
    }

    /// A key that worked does not rest.
    pub(super) fn works(&self, key: &Key) {
        let rested = key.until.lock().unwrap_or_else(PoisonError::into_inner).take();
        if rested.is_some() {
            self.show();
        }
    }

    fn show(&self) {
        let now = Instant::now();
        let resting = self.keys.iter().filter(|key| !key.is_free(now)).count();
        metrics::gauge!("dragoman_model_keys_resting", "provider" => self.provider.clone())
            .set(resting as f64);
    }
}
