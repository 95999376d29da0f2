//! Durations that were seen, and their percentiles.

use std::time::Duration;

use serde::Serialize;

/// Durations that were seen, for their percentiles.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

/// Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Latencies {
    pub(crate) fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// None if nothing was seen.
    pub(crate) fn percentiles(mut self) -> Option<Percentiles> {
        self.0.sort_unstable();
        let max = self.0.last()?.as_secs_f64() * 1e3;
        let at = |share| percentile_ms(&self.0, share);
        Some(Percentiles { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max })
    }
}

/// The smallest of the sorted durations that at least this share of them does not exceed.
fn percentile_ms(sorted: &[Duration], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map_or(f64::NAN, |duration| duration.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl IntoIterator<Item = u64>) -> Latencies {
        Latencies(milliseconds.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn a_percentile_is_one_of_those_seen() {
        let seen = of((1..=1000).rev()).percentiles().unwrap();
        assert_eq!(seen, Percentiles { p50: 500.0, p90: 900.0, p99: 990.0, p999: 999.0, max: 1000.0 });
    }

    #[test]
    fn the_last_percentile_of_few_is_the_greatest() {
        let seen = of([3, 1, 2]).percentiles().unwrap();
        assert_eq!((seen.p50, seen.p99, seen.max), (2.0, 3.0, 3.0));
    }

    #[test]
    fn nothing_seen_has_no_percentiles() {
        assert_eq!(Latencies::default().percentiles(), None);
    }

    #[test]
    fn what_two_have_seen_counts_together() {
        let mut all = of([1]);
        all.append(of([2, 3]));
        assert_eq!(all.percentiles().unwrap().p50, 2.0);
    }
}
