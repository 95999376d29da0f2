use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::StatusCode;
use async_nats::jetstream::Message;
use bytes::Bytes;
use events::stream_name;
use futures::StreamExt;
use ids::EventId;
use serde_json::json;

use crate::topology::Durable;
use crate::{Bus, Delivery};

/// Events read behind a head at most.
const MOST: u64 = 15;
const MOST_BYTES: u64 = 1024 * 1024;

/// Longer than this nobody waits for them: the head goes alone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads what stands behind the head of a partition, so that a backlog is handled many at a time.
///
/// The head is the right to its partition: until it is acknowledged, the server gives nothing of the partition to
/// anybody. So whoever holds it may read on in the stream itself, and handle what it finds in the same
/// transaction. What was handled so becomes the head later; it is let pass here, or, in another process, by
/// its mark in the inbox. Should the right be lost on the way (a process that stood still for too long), two
/// transactions mark the same events in the same order, and one of them waits for the other.
pub(super) struct Ahead {
    bus: Bus,
    stream: String,
    filter: String,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Events handled behind a head that have not been heads yet, by their place in the stream.
    passed: BTreeMap<u64, EventId>,
    /// So many heads go alone: one of the events behind an earlier head failed.
    alone: usize,
}

impl Ahead {
    /// None where the durable reads by more than one filter: the server reads on by one only.
    pub(super) fn of(durable: &Durable, bus: &Bus) -> Option<Self> {
        let [filter] = durable.filters.as_slice() else { return None };
        Some(Self {
            bus: bus.clone(),
            stream: stream_name(durable.service),
            filter: filter.clone(),
            memory: Mutex::default(),
        })
    }

    /// Remembers events as handled, to be called after the commit and before the head is acknowledged.
    pub(super) fn handled(&self, events: &[Delivery]) {
        self.memory().passed.extend(events.iter().map(|event| (event.sequence, event.id.clone())));
    }

    /// One of these, or their head, has failed. Until they have been heads themselves none is read ahead.
    pub(super) fn failed(&self, events: &[Delivery]) {
        let mut memory = self.memory();
        memory.alone = memory.alone.max(events.len());
    }

    /// Whether this head was handled behind an earlier one. What stands before it has been a head, here or in
    /// another process, and is forgotten.
    pub(super) fn lets_pass(&self, head: &Delivery) -> bool {
        let mut memory = self.memory();
        memory.passed = memory.passed.split_off(&head.sequence);
        let first = memory.passed.first_entry().filter(|entry| *entry.key() == head.sequence);
        // A stream that was made anew counts from the beginning.
        first.is_some_and(|entry| entry.remove() == head.id)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands behind this head, in order and without a gap; nothing where that can not be had at once.
    pub(super) async fn behind(&self, head: &Message) -> Vec<Delivery> {
        let Ok(info) = head.info() else { return Vec::new() };
        if info.pending == 0 || self.goes_alone() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let reading = self.read(info.stream_sequence, info.pending.min(MOST), &mut found);
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(stream = self.stream, %error, "could not read ahead"),
            Err(_) => tracing::debug!(stream = self.stream, "reading ahead takes too long"),
        }
        found
    }

    fn goes_alone(&self) -> bool {
        let mut memory = self.memory();
        let alone = memory.alone > 0;
        memory.alone = memory.alone.saturating_sub(1);
        alone
    }

    /// One request, many answers (the server's batched direct get): each names the message before it in this
    /// batch, and the end is told.
    async fn read(&self, after: u64, most: u64, found: &mut Vec<Delivery>) -> Result<(), async_nats::Error> {
        let client = self.bus.js.client();
        let inbox = client.new_inbox();
        let mut answers = client.subscribe(inbox.clone()).await?;
        let request = json!({
            "seq": after + 1, "next_by_subj": self.filter, "batch": most, "max_bytes": MOST_BYTES
        });
        let subject = format!("$JS.API.DIRECT.GET.{}", self.stream);
        client.publish_with_reply(subject, inbox, Bytes::from(request.to_string())).await?;
        let mut last = 0;
        while let Some(answer) = answers.next().await {
            if answer.status.is_some_and(|status| status != StatusCode::OK) {
                break;
            }
            let Some(stored) = Delivery::stored(&answer) else { break };
            if stored.before != last {
                break;
            }
            last = stored.event.sequence;
            found.push(stored.event);
        }
        Ok(())
    }
}
