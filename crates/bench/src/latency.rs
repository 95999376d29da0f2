use std::time::Duration;

/// Durations that were seen, for their percentiles.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds below which this share of them lies.
    pub(crate) fn percentile_ms(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let place = (self.0.len().saturating_sub(1) as f64 * share).round() as usize;
        self.0.get(place).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
    }
}

impl Latencies {
    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }
}
