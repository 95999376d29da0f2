//! Messages that bots are still writing, each for half a minute.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What is not written on by then is gone.
pub(crate) const LIFE: Duration = Duration::from_secs(30);

/// The drafts of one private chat by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Drafts(BTreeMap<i64, Draft>);

#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) thread: Option<i64>,
    pub(crate) can_stop: bool,
    pub(crate) keep_on_stop: bool,
    seen: Instant,
}

impl Draft {
    pub(crate) fn new(thread: Option<i64>, can_stop: bool, keep_on_stop: bool, now: Instant) -> Self {
        Self { thread, can_stop, keep_on_stop, seen: now }
    }
}

impl Drafts {
    pub(crate) fn put(&mut self, id: i64, draft: Draft) {
        let now = draft.seen;
        self.0.retain(|_, known| now.saturating_duration_since(known.seen) < LIFE);
        self.0.insert(id, draft);
    }

    /// The bot's message has come: the drafts of its topic are gone.
    pub(crate) fn end(&mut self, thread: Option<i64>) {
        self.0.retain(|_, draft| draft.thread != thread);
    }

    /// Takes the one that a person stops, if it is there and can be stopped.
    pub(crate) fn stop(&mut self, id: i64, now: Instant) -> Option<Draft> {
        let lives = |draft: &Draft| now.saturating_duration_since(draft.seen) < LIFE && draft.can_stop;
        if self.0.get(&id).is_some_and(lives) { self.0.remove(&id) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_lives_for_half_a_minute_and_ends_with_the_message() {
        let (mut drafts, now) = (Drafts::default(), Instant::now());
        let draft = |thread| Draft::new(thread, true, false, now);
        drafts.put(1, draft(None));
        drafts.put(2, draft(Some(5)));
        assert!(drafts.stop(1, now + LIFE).is_none());
        drafts.end(None);
        assert!(drafts.stop(1, now).is_none());
        assert_eq!(drafts.stop(2, now).unwrap().thread, Some(5));
        assert!(drafts.stop(2, now).is_none(), "once");
        drafts.put(3, Draft::new(None, false, false, now));
        assert!(drafts.stop(3, now).is_none(), "it has no button");
    }
}
