//! Load on one target, and what was seen of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::client::{Client, Target};
use crate::latency::{Latencies, Percentiles};
use crate::processes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// So many calls a second, whatever the answers take.
    Steady(u32),
    /// So many streamed calls a second.
    Streams(u32),
    /// So many programs that ask again as soon as they are answered.
    Saturate(usize),
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steady(rate) => write!(f, "{rate}/s"),
            Self::Streams(rate) => write!(f, "{rate} streams/s"),
            Self::Saturate(in_flight) => write!(f, "saturated, {in_flight} in flight"),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Stretch {
    pub(super) what: String,
    pub(super) answered: u64,
    pub(super) refused: u64,
    /// What a steady rate had no connection for any more.
    pub(super) missed: u64,
    pub(super) per_second: f64,
    /// To the end of the answer; of streams to the first word.
    pub(super) ms: Option<Percentiles>,
    /// Of the target's processes, and of Postgres where it is ours.
    pub(super) cpu_us: f64,
}

#[derive(Default)]
struct Seen {
    latencies: Latencies,
    answered: u64,
    refused: u64,
    missed: u64,
}

/// Connections of a steady rate; each carries one call at a time.
const CONNECTIONS: usize = 64;
/// Who is still behind so long after the end is behind for good.
const LATE: Duration = Duration::from_secs(2);

pub(super) async fn run(target: &Target, load: Load, length: Duration, pids: &[u32]) -> Result<Stretch> {
    let before = cpu(pids)?;
    let begin = Instant::now();
    let target = Arc::new(target.clone());
    let workers = match load {
        Load::Steady(_) | Load::Streams(_) => CONNECTIONS,
        Load::Saturate(in_flight) => in_flight,
    };
    let workers: Vec<_> = (0..workers)
        .map(|worker| {
            let target = target.clone();
            tokio::spawn(async move {
                let mut client = Client::new(&target);
                match load {
                    Load::Steady(rate) => steady(&mut client, worker, rate, false, begin, length).await,
                    Load::Streams(rate) => steady(&mut client, worker, rate, true, begin, length).await,
                    Load::Saturate(_) => saturate(&mut client, begin + length).await,
                }
            })
        })
        .collect();
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.await??;
        all.latencies.append(seen.latencies);
        all.answered += seen.answered;
        all.refused += seen.refused;
        all.missed += seen.missed;
    }
    let took = begin.elapsed().as_secs_f64();
    Ok(Stretch {
        what: load.to_string(),
        answered: all.answered,
        refused: all.refused,
        missed: all.missed,
        per_second: all.answered as f64 / took,
        ms: all.latencies.percentiles(),
        cpu_us: (cpu(pids)? - before) * 1e6 / (all.answered.max(1) as f64),
    })
}

async fn saturate(client: &mut Client<'_>, end: Instant) -> Result<Seen> {
    let mut seen = Seen::default();
    while Instant::now() < end {
        let since = Instant::now();
        one(client, false, since, &mut seen).await?;
    }
    Ok(seen)
}

async fn steady(
    client: &mut Client<'_>,
    worker: usize,
    rate: u32,
    streamed: bool,
    begin: Instant,
    length: Duration,
) -> Result<Seen> {
    let mut seen = Seen::default();
    let count = (length.as_secs_f64() * f64::from(rate)) as usize;
    for nth in (worker..count).step_by(CONNECTIONS) {
        let due = begin + Duration::from_secs_f64(nth as f64 / f64::from(rate));
        if Instant::now() > begin + length + LATE {
            seen.missed += 1;
            continue;
        }
        // Time in which all connections were held up counts, or slow answers would hide themselves.
        let since = if Instant::now() > due {
            due
        } else {
            tokio::time::sleep_until(due.into()).await;
            Instant::now()
        };
        one(client, streamed, since, &mut seen).await?;
    }
    Ok(seen)
}

async fn one(client: &mut Client<'_>, streamed: bool, since: Instant, seen: &mut Seen) -> Result<()> {
    let answer = client.ask(streamed).await?;
    let is_good = answer.status == 200 && (!streamed || answer.first_word.is_some());
    if is_good {
        seen.answered += 1;
        let at = answer.first_word.unwrap_or_else(Instant::now);
        seen.latencies.add(at.saturating_duration_since(since));
    } else {
        seen.refused += 1;
    }
    Ok(())
}

fn cpu(pids: &[u32]) -> Result<f64> {
    pids.iter().map(|pid| processes::seconds(*pid)).sum()
}
