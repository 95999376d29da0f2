//! How often each thing happened. Cheap enough for ten thousand calls a second.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::bot_api::METHODS;

#[derive(Debug)]
pub(crate) struct Counters {
    methods: Vec<MethodCounter>,
    pub(crate) unknown_methods: AtomicU64,
    pub(crate) updates: AtomicU64,
    pub(crate) webhook_ok: AtomicU64,
    pub(crate) webhook_failed: AtomicU64,
}

#[derive(Debug, Default)]
struct MethodCounter {
    ok: AtomicU64,
    refused: AtomicU64,
    too_many: AtomicU64,
}

/// Counts since the start or the last reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountersView {
    /// By Telegram's spelling of the method; only those that were called.
    pub methods: BTreeMap<&'static str, MethodCounts>,
    pub unknown_methods: u64,
    /// Updates made for bots.
    pub updates: u64,
    /// Webhook deliveries answered 2xx, and the others.
    pub webhook_ok: u64,
    pub webhook_failed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MethodCounts {
    pub ok: u64,
    /// Answered with an error other than 429.
    pub refused: u64,
    pub too_many: u64,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self {
            methods: METHODS.iter().map(|_| MethodCounter::default()).collect(),
            unknown_methods: AtomicU64::new(0),
            updates: AtomicU64::new(0),
            webhook_ok: AtomicU64::new(0),
            webhook_failed: AtomicU64::new(0),
        }
    }

    /// `method` is an index into the registry.
    pub(crate) fn count(&self, method: usize, status: u16) {
        if let Some(counter) = self.methods.get(method) {
            let which = match status {
                200 => &counter.ok,
                429 => &counter.too_many,
                _ => &counter.refused,
            };
            which.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn view(&self) -> CountersView {
        let load = |n: &AtomicU64| n.load(Ordering::Relaxed);
        let methods = METHODS.iter().zip(&self.methods).filter_map(|(method, c)| {
            let counts =
                MethodCounts { ok: load(&c.ok), refused: load(&c.refused), too_many: load(&c.too_many) };
            (counts != MethodCounts::default()).then_some((method.name, counts))
        });
        CountersView {
            methods: methods.collect(),
            unknown_methods: load(&self.unknown_methods),
            updates: load(&self.updates),
            webhook_ok: load(&self.webhook_ok),
            webhook_failed: load(&self.webhook_failed),
        }
    }

    pub(crate) fn reset(&self) {
        let all = self.methods.iter().flat_map(|c| [&c.ok, &c.refused, &c.too_many]);
        let rest = [&self.unknown_methods, &self.updates, &self.webhook_ok, &self.webhook_failed];
        all.chain(rest).for_each(|n| n.store(0, Ordering::Relaxed));
    }
}
