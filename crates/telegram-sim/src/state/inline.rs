//! Inline queries that people typed, and what the bot offered.

use std::collections::VecDeque;

use serde_json::Value;

#[derive(Debug)]
pub(crate) struct InlineQuery {
    pub(crate) id: String,
    /// Milliseconds since the epoch.
    pub(crate) at_ms: i64,
    pub(crate) results: Option<Value>,
}

/// The newest of one bot, oldest first.
#[derive(Debug, Default)]
pub(crate) struct InlineQueries(VecDeque<InlineQuery>);

impl InlineQueries {
    const KEPT: usize = 1_000;

    pub(crate) fn add(&mut self, id: String, at_ms: i64) {
        if self.0.len() >= Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back(InlineQuery { id, at_ms, results: None });
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut InlineQuery> {
        self.0.iter_mut().rev().find(|query| query.id == id)
    }
}
