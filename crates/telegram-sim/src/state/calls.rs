//! The newest Bot API calls, with what was asked and what was answered.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

use crate::sync::lock;

/// One call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    /// Grows by one with each call, from 1.
    pub(crate) seq: u64,
    /// Milliseconds since the epoch.
    pub(crate) at_ms: i64,
    pub(crate) bot: String,
    pub(crate) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chat_id: Option<i64>,
    pub(crate) params: Value,
    pub(crate) status: u16,
    /// The id of the message that the call made or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// A fault cut the connection instead of answering.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) dropped: bool,
}

/// Which calls somebody wants to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallFilter {
    pub(crate) after: u64,
    pub(crate) bot: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) chat: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct CallLog {
    capacity: usize,
    calls: Mutex<(u64, VecDeque<Call>)>,
    pub(crate) added: Notify,
}

impl CallLog {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, calls: Mutex::new((0, VecDeque::new())), added: Notify::new() }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.capacity == 0
    }

    /// Keeps a call and gives it its number.
    pub(crate) fn add(&self, mut call: Call) {
        if self.is_off() {
            return;
        }
        let mut calls = lock(&self.calls);
        calls.0 += 1;
        call.seq = calls.0;
        if calls.1.len() >= self.capacity {
            calls.1.pop_front();
        }
        calls.1.push_back(call);
        drop(calls);
        self.added.notify_waiters();
    }

    pub(crate) fn list(&self, filter: &CallFilter, limit: usize) -> Vec<Call> {
        let calls = lock(&self.calls);
        let from = calls.1.partition_point(|call| call.seq <= filter.after);
        let wanted = |call: &&Call| {
            filter.bot.as_ref().is_none_or(|bot| *bot == call.bot)
                && filter.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(call.method))
                && filter.chat.is_none_or(|chat| call.chat_id == Some(chat))
        };
        calls.1.range(from..).filter(wanted).take(limit).cloned().collect()
    }

    /// The number of the newest call.
    pub(crate) fn last(&self) -> u64 {
        lock(&self.calls).0
    }
}
