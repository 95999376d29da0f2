//! The updates a bot has not taken yet: in order of their ids for long polling, and in one lane per
//! chat for a webhook.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

/// One update as it will be delivered.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) body: Bytes,
    chat: i64,
    born: Instant,
    failures: u32,
    delay: Duration,
    /// Deliveries that must succeed before it is gone; 2 when every update is delivered twice.
    copies: u32,
}

/// What a webhook worker takes: the head of a lane.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: i64,
    pub(crate) body: Bytes,
}

#[derive(Debug)]
pub(crate) struct UpdateQueue {
    next_id: i64,
    capacity: usize,
    waiting: BTreeMap<i64, Pending>,
    lanes: Option<Lanes>,
    /// Counts the long polls that waited: only the newest one may go on waiting.
    pub(crate) poll: u64,
    pub(crate) allowed: AllowedUpdates,
}

/// The order of deliveries to a webhook. A lane whose head is being delivered is not in `ready`.
#[derive(Debug, Default)]
struct Lanes {
    queues: HashMap<i64, VecDeque<i64>>,
    ready: BTreeSet<(Instant, i64)>,
}

impl UpdateQueue {
    pub(crate) fn new(first_id: i64, capacity: usize) -> Self {
        Self {
            next_id: first_id,
            capacity: capacity.max(1),
            waiting: BTreeMap::new(),
            lanes: None,
            poll: 0,
            allowed: AllowedUpdates::default(),
        }
    }

    /// Adds an update. `payload` is everything after the id: `"message":{…}`. `id` is chosen by whoever
    /// injects raw updates; otherwise it is the next one. Returns the id.
    pub(crate) fn push(&mut self, id: Option<i64>, chat: i64, payload: &str, copies: u32) -> i64 {
        let id = id.unwrap_or(self.next_id);
        self.next_id = self.next_id.max(id + 1);
        let body = Bytes::from(format!("{{\"update_id\":{id},{payload}}}"));
        // An id that is given twice stays in its lane.
        let chat = self.waiting.get(&id).map_or(chat, |known| known.chat);
        let now = Instant::now();
        let pending = Pending { body, chat, born: now, failures: 0, delay: Duration::ZERO, copies };
        if self.waiting.len() >= self.capacity {
            self.forget_oldest();
        }
        if self.waiting.insert(id, pending).is_none()
            && let Some(lanes) = &mut self.lanes
        {
            lanes.push(chat, id, now);
        }
        id
    }

    fn forget_oldest(&mut self) {
        let busy = |id: i64, lanes: &Option<Lanes>, chat: i64| {
            // The head of a lane may be on its way.
            lanes.as_ref().is_some_and(|l| l.queues.get(&chat).is_some_and(|q| q.front() == Some(&id)))
        };
        let oldest =
            self.waiting.iter().find(|(id, p)| !busy(**id, &self.lanes, p.chat)).map(|(id, p)| (*id, p.chat));
        if let Some((id, chat)) = oldest {
            self.waiting.remove(&id);
            if let Some(queue) = self.lanes.as_mut().and_then(|l| l.queues.get_mut(&chat)) {
                queue.retain(|other| *other != id);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        if let Some(lanes) = &mut self.lanes {
            *lanes = Lanes::default();
        }
    }

    /// The updates from `offset` on, after forgetting those before it. A negative offset counts from
    /// the end; an offset beyond what was ever given is not believed.
    pub(crate) fn poll(&mut self, offset: i64, limit: usize) -> Vec<Pending> {
        let from = match offset {
            0 => i64::MIN,
            1.. if offset > self.next_id + 10 => i64::MIN,
            1.. => offset,
            _ => {
                let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
                let skip = self.waiting.len().saturating_sub(keep);
                self.waiting.keys().nth(skip).copied().unwrap_or(i64::MIN)
            }
        };
        self.waiting = self.waiting.split_off(&from);
        self.waiting
            .values()
            .flat_map(|p| std::iter::repeat_n(p, p.copies as usize))
            .take(limit)
            .cloned()
            .collect()
    }

    /// Begins delivering to a webhook, with everything that waits.
    pub(crate) fn open_lanes(&mut self) {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        for (id, pending) in &self.waiting {
            lanes.push(pending.chat, *id, now);
        }
        self.lanes = Some(lanes);
    }

    pub(crate) fn close_lanes(&mut self) {
        self.lanes = None;
    }

    pub(crate) fn has_webhook(&self) -> bool {
        self.lanes.is_some()
    }

    /// The head of the lane that has waited longest, or when to ask again.
    pub(crate) fn take(&mut self, now: Instant) -> Result<Delivery, Option<Instant>> {
        let lanes = self.lanes.as_mut().ok_or(None)?;
        loop {
            let (wake, chat) = lanes.ready.first().copied().ok_or(None)?;
            if wake > now {
                return Err(Some(wake));
            }
            lanes.ready.pop_first();
            let Some(queue) = lanes.queues.get_mut(&chat) else { continue };
            while let Some(id) = queue.front().copied() {
                if let Some(pending) = self.waiting.get(&id) {
                    return Ok(Delivery { id, body: pending.body.clone() });
                }
                queue.pop_front();
            }
            lanes.queues.remove(&chat);
        }
    }

    /// More deliveries could start now.
    pub(crate) fn has_ready(&self, now: Instant) -> bool {
        self.lanes.as_ref().and_then(|l| l.ready.first()).is_some_and(|(wake, _)| *wake <= now)
    }

    /// The webhook answered 2xx: the lane goes on with its next update.
    pub(crate) fn delivered(&mut self, id: i64) {
        let Some(pending) = self.waiting.get_mut(&id) else { return };
        let (chat, now) = (pending.chat, Instant::now());
        pending.copies = pending.copies.saturating_sub(1);
        let again = pending.copies > 0;
        if !again {
            self.waiting.remove(&id);
        }
        if let Some(lanes) = &mut self.lanes {
            if again {
                lanes.ready.insert((now, chat));
            } else {
                lanes.advance(chat, id, now);
            }
        }
    }

    /// The webhook did not take it: it stays at the head of its lane until it is tried again.
    /// `cap` is the longest delay; `keep` how old an update may get.
    pub(crate) fn refused(
        &mut self,
        id: i64,
        asked: Option<Duration>,
        step: Duration,
        cap: Duration,
        keep: Duration,
    ) {
        let Some(pending) = self.waiting.get_mut(&id) else { return };
        let (chat, now) = (pending.chat, Instant::now());
        let wait = match asked {
            Some(asked) => asked.min(Duration::from_secs(3600)),
            None if pending.failures == 0 => Duration::ZERO,
            None => {
                pending.delay = if pending.delay.is_zero() { step } else { (pending.delay * 2).min(cap) };
                pending.delay
            }
        };
        pending.failures += 1;
        if now.duration_since(pending.born) + wait > keep {
            self.waiting.remove(&id);
            if let Some(lanes) = &mut self.lanes {
                lanes.advance(chat, id, now);
            }
        } else if let Some(lanes) = &mut self.lanes {
            lanes.ready.insert((now + wait, chat));
        }
    }
}

impl Lanes {
    fn push(&mut self, chat: i64, id: i64, now: Instant) {
        let queue = self.queues.entry(chat).or_default();
        queue.push_back(id);
        if queue.len() == 1 {
            self.ready.insert((now, chat));
        }
    }

    /// Removes a delivered head and makes the lane ready again if more waits.
    fn advance(&mut self, chat: i64, id: i64, now: Instant) {
        if let Some(queue) = self.queues.get_mut(&chat) {
            if queue.front() == Some(&id) {
                queue.pop_front();
            }
            if queue.is_empty() {
                self.queues.remove(&chat);
            } else {
                self.ready.insert((now, chat));
            }
        }
    }
}

/// Which kinds of updates a bot asked for. An empty list is Telegram's default.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedUpdates(pub(crate) Vec<String>);

impl AllowedUpdates {
    const OFF_BY_DEFAULT: [&'static str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

    pub(crate) fn allow(&self, kind: &str) -> bool {
        if self.0.is_empty() {
            !Self::OFF_BY_DEFAULT.contains(&kind)
        } else {
            self.0.iter().any(|k| k == kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn queue(chats: &[i64]) -> UpdateQueue {
        let mut queue = UpdateQueue::new(10, 100);
        for chat in chats {
            queue.push(None, *chat, "\"message\":{}", 1);
        }
        queue
    }

    #[test]
    fn polling_forgets_what_is_behind_the_offset() {
        let mut queue = queue(&[1, 1, 1]);
        assert_eq!(queue.poll(0, 2).len(), 2);
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.poll(12, 100).len(), 1);
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.poll(1_000_000, 100).len(), 1, "an offset from another life is not believed");
        assert_eq!(&queue.poll(-1, 100)[0].body[..], b"{\"update_id\":12,\"message\":{}}");
    }

    #[test]
    fn a_lane_waits_for_its_head_and_others_do_not() {
        let mut queue = queue(&[1, 1, 2]);
        queue.open_lanes();
        let now = Instant::now() + SECOND;
        let (first, other) = (queue.take(now).unwrap().id, queue.take(now).unwrap().id);
        assert_eq!((first, other), (10, 12));
        assert_eq!(queue.take(now).unwrap_err(), None);
        queue.refused(first, None, SECOND, 8 * SECOND, 3600 * SECOND);
        assert_eq!(queue.take(Instant::now()).unwrap().id, 10, "the first retry is at once");
        queue.refused(first, None, SECOND, 8 * SECOND, 3600 * SECOND);
        assert!(queue.take(Instant::now()).unwrap_err().is_some(), "then it waits");
        assert_eq!(queue.take(Instant::now() + SECOND).unwrap().id, 10);
        queue.delivered(first);
        assert_eq!(queue.take(Instant::now()).unwrap().id, 11);
    }

    #[test]
    fn two_copies_are_delivered_one_after_the_other() {
        let mut queue = UpdateQueue::new(1, 10);
        queue.push(None, 5, "\"message\":{}", 2);
        assert_eq!(queue.poll(0, 10).len(), 2);
        queue.open_lanes();
        let now = Instant::now() + SECOND;
        for _ in 0..2 {
            assert_eq!(queue.take(now).unwrap().id, 1);
            queue.delivered(1);
        }
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut queue = UpdateQueue::new(1, 3);
        (0..10).for_each(|_| {
            queue.push(None, 1, "\"message\":{}", 1);
        });
        assert_eq!(queue.len(), 3);
    }
}
