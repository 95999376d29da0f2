//! How often it may be called: in ten seconds and in a day whatever it is, in a second for searches.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Options;
use super::answer::Answer;

/// When it was called.
#[derive(Default)]
pub(super) struct Limits {
    calls: VecDeque<Instant>,
    searches: VecDeque<Instant>,
    today: usize,
    /// Calls that got a 429.
    pub(super) refused: usize,
}

impl Limits {
    /// Counts one call; an error where it is one too many. Calls that are refused do not count further.
    pub(super) fn take(&mut self, options: &Options, is_search: bool) -> Result<(), Answer> {
        let policy = self.broken(options, is_search);
        if let Some(policy) = policy {
            self.refused += 1;
            return Err(Answer::too_many(policy));
        }
        let now = Instant::now();
        self.today += 1;
        self.calls.push_back(now);
        if is_search {
            self.searches.push_back(now);
        }
        Ok(())
    }

    /// Every call of this day is used up, and the next day comes with [`Self::midnight`].
    pub(super) fn spend_the_day(&mut self) {
        self.today = usize::MAX / 2;
    }

    pub(super) fn midnight(&mut self) {
        self.today = 0;
    }

    /// What successful answers tell; those of searches tell nothing.
    pub(super) fn headers(&self, options: &Options) -> Vec<(&'static str, String)> {
        let left = |most: usize, used: usize| most.saturating_sub(used).to_string();
        vec![
            ("x-hubspot-ratelimit-max", options.per_ten_seconds.to_string()),
            ("x-hubspot-ratelimit-remaining", left(options.per_ten_seconds, self.calls.len())),
            ("x-hubspot-ratelimit-interval-milliseconds", "10000".to_owned()),
            ("x-hubspot-ratelimit-daily", options.per_day.to_string()),
            ("x-hubspot-ratelimit-daily-remaining", left(options.per_day, self.today)),
        ]
    }

    fn broken(&mut self, options: &Options, is_search: bool) -> Option<&'static str> {
        forget(&mut self.calls, Duration::from_secs(10));
        forget(&mut self.searches, Duration::from_secs(1));
        if self.today >= options.per_day {
            Some("DAILY")
        } else if self.calls.len() >= options.per_ten_seconds {
            Some("TEN_SECONDLY_ROLLING")
        } else if is_search && self.searches.len() >= options.searches_per_second {
            Some("SECONDLY")
        } else {
            None
        }
    }
}

fn forget(calls: &mut VecDeque<Instant>, older: Duration) {
    while calls.front().is_some_and(|at| at.elapsed() >= older) {
        calls.pop_front();
    }
}
