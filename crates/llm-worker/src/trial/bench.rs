//! Which model is how fast, and what does it cost?

use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::{Taken, Trial, call, taken};
use crate::providers::Model;

/// Nobody watches a command for longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// What came of so many runs of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Benched {
    /// `provider/model`
    pub model: String,
    pub runs: usize,
    pub failed: usize,
    /// Until the first piece of an answer.
    pub first: Spread,
    /// Until its end.
    pub total: Spread,
    /// Tokens a second once an answer has begun; 0 where the provider does not count them.
    pub tokens_per_second: f64,
    /// Of all runs, in millionths of a US dollar.
    pub cost_micros: i64,
    /// Why the last one that failed did.
    pub error: Option<String>,
}

/// Half of the runs took no longer than `p50`, and 95 of 100 no longer than `p95`. In milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    pub p50_ms: f64,
    pub p95_ms: f64,
}

impl Trial {
    /// Asks the model `runs` times, `at_once` at a time. `None`: there is no such model.
    pub async fn bench(
        &self,
        id: &str,
        words: &str,
        max_tokens: u32,
        runs: usize,
        at_once: usize,
    ) -> Option<Benched> {
        let model = self.catalog.model(id)?;
        let runs: Vec<Result<Taken, String>> = stream::iter(0..runs)
            .map(|_| run(&model, words, max_tokens))
            .buffered(at_once.max(1))
            .collect()
            .await;
        Some(summary(&model, &runs))
    }
}

async fn run(model: &Model, words: &str, max_tokens: u32) -> Result<Taken, String> {
    let started = Instant::now();
    let opened = model.open(&call(words, max_tokens), started + PATIENCE).await;
    let opened = opened.map_err(|error| classify::chain(&error.problem))?;
    // What was waited for before is no time of the model.
    let begun = Instant::now() - opened.first_piece;
    taken(begun, opened.pieces).await.map_err(|problem| classify::chain(&problem))
}

fn summary(model: &Model, runs: &[Result<Taken, String>]) -> Benched {
    let good: Vec<&Taken> = runs.iter().filter_map(|run| run.as_ref().ok()).collect();
    let writing: f64 = good.iter().map(|taken| (taken.total.saturating_sub(taken.first)).as_secs_f64()).sum();
    let written: i64 = good.iter().map(|taken| taken.usage.completion).sum();
    Benched {
        model: model.info.id.to_string(),
        runs: runs.len(),
        failed: runs.len() - good.len(),
        first: spread(good.iter().map(|taken| taken.first)),
        total: spread(good.iter().map(|taken| taken.total)),
        tokens_per_second: if writing > 0.0 { written as f64 / writing } else { 0.0 },
        cost_micros: good.iter().map(|taken| model.info.prices.cost_micros(taken.usage)).sum(),
        error: runs.iter().rev().find_map(|run| run.as_ref().err().cloned()),
    }
}

fn spread(durations: impl Iterator<Item = Duration>) -> Spread {
    let mut sorted: Vec<f64> = durations.map(|duration| duration.as_secs_f64() * 1_000.0).collect();
    sorted.sort_by(f64::total_cmp);
    // The smallest that so many are not above.
    let rank = |share: f64| {
        let nth = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(nth.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    Spread { p50_ms: rank(0.5), p95_ms: rank(0.95) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_what_was_measured() {
        let ms = |list: &[u64]| spread(list.iter().map(|ms| Duration::from_millis(*ms)));
        assert_eq!(ms(&[]), Spread::default());
        assert_eq!(ms(&[7]), Spread { p50_ms: 7.0, p95_ms: 7.0 });
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(ms(&hundred), Spread { p50_ms: 50.0, p95_ms: 95.0 });
    }
}
