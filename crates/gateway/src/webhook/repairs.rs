//! How often a webhook is set again before it is left to whoever else wants it.

use std::collections::VecDeque;

/// Repairs within one window. Two programs with one token would else take it from each other for ever, each
/// hearing half of what people say.
const MOST: usize = 3;
const WINDOW_MS: i64 = 60 * 60 * 1000;

/// The repairs of the last hour.
#[derive(Debug, Default)]
pub(super) struct Repairs(VecDeque<i64>);

impl Repairs {
    /// Whether there may be one more now; then it is counted.
    pub(super) fn take(&mut self, now_ms: i64) -> bool {
        while self.0.front().is_some_and(|at| now_ms.saturating_sub(*at) >= WINDOW_MS) {
            self.0.pop_front();
        }
        let may = self.0.len() < MOST;
        if may {
            self.0.push_back(now_ms);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_an_hour_and_again_when_the_first_is_an_hour_old() {
        let mut repairs = Repairs::default();
        let taken: Vec<bool> = [0, 1, 2, 3, WINDOW_MS - 1, WINDOW_MS, WINDOW_MS, WINDOW_MS + 1]
            .map(|now_ms| repairs.take(now_ms))
            .to_vec();
        assert_eq!(taken, [true, true, true, false, false, true, false, true]);
    }
}
