//! How many messages came within the last hour or day, in little memory.

use serde::{Deserialize, Serialize};

/// A length of time, and the pieces it is counted in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    piece_ms: i64,
    pieces: i64,
}

impl Span {
    pub(super) const fn ms(self) -> i64 {
        self.piece_ms * self.pieces
    }
}

pub(super) const HOUR: Span = Span { piece_ms: 5 * 60 * 1000, pieces: 12 };
pub(super) const DAY: Span = Span { piece_ms: 60 * 60 * 1000, pieces: 24 };

/// Counts by piece of time, oldest first. What it counts covers the whole span and up to one piece more, so that
/// no span ever has more than is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Window(Vec<(i64, u32)>);

impl Window {
    pub(super) fn add(&mut self, span: Span, now_ms: i64) {
        self.forget(span, now_ms);
        // The clocks of two processes may differ a little: time never goes back here.
        let piece = now_ms.div_euclid(span.piece_ms).max(self.0.last().map_or(i64::MIN, |(last, _)| *last));
        match self.0.last_mut() {
            Some((last, count)) if *last == piece => *count = count.saturating_add(1),
            _ => self.0.push((piece, 1)),
        }
    }

    /// Drops what is too old; also what a clock that was set back has left in the future.
    pub(super) fn forget(&mut self, span: Span, now_ms: i64) {
        let piece = now_ms.div_euclid(span.piece_ms);
        self.0.retain(|(at, _)| (piece - span.pieces..=piece + 1).contains(at));
    }

    /// As of the last `add` or `forget`.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// When at most `most` are left, if none comes any more. Unix milliseconds.
    pub(super) fn room_at(&self, span: Span, most: u32) -> i64 {
        let mut left = self.count();
        let mut at = 0;
        for (piece, count) in &self.0 {
            if left <= most {
                break;
            }
            left -= count;
            at = (piece + span.pieces + 1) * span.piece_ms;
        }
        at
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR_MS: i64 = 60 * 60 * 1000;

    proptest! {
        #[test]
        fn nothing_of_the_span_is_missed_and_little_more_is_counted(gaps in prop::collection::vec(0_i64..900_000, 1..200)) {
            let mut window = Window::default();
            let mut seen: Vec<i64> = Vec::new();
            let mut now = 1_700_000_000_000;
            for gap in gaps {
                now += gap;
                window.add(HOUR, now);
                seen.push(now);
                let within = |ms: i64| u32::try_from(seen.iter().filter(|at| now - **at <= ms).count()).unwrap();
                prop_assert!(window.count() >= within(HOUR_MS));
                prop_assert!(window.count() <= within(HOUR_MS + HOUR.piece_ms));
                prop_assert!(window.0.len() <= 14, "{}", window.0.len());
            }
        }

        #[test]
        fn there_is_room_when_it_says_so_and_not_before(gaps in prop::collection::vec(0_i64..900_000, 1..100), most in 0_u32..80) {
            let mut window = Window::default();
            let mut now = 1_700_000_000_000;
            for gap in gaps {
                now += gap;
                window.add(HOUR, now);
            }
            let at = window.room_at(HOUR, most);
            prop_assert!(at <= now + HOUR_MS + HOUR.piece_ms);
            if window.count() > most {
                let mut before = window.clone();
                before.forget(HOUR, at - 1);
                prop_assert!(before.count() > most);
            }
            window.forget(HOUR, at.max(now));
            prop_assert!(window.count() <= most);
        }

        #[test]
        fn a_clock_that_jumps_breaks_nothing(times in prop::collection::vec(any::<u32>(), 1..100)) {
            let mut window = Window::default();
            for at in times {
                window.add(HOUR, i64::from(at) * 1000);
                prop_assert!(window.count() >= 1);
                prop_assert!(window.0.len() <= 16);
            }
        }
    }
}
