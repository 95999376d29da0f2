//! Deliveries of leads to an endpoint: from the event to the signed webhook, with every attempt noted in Postgres, beside
//! the bare transactions of the same Postgres.

mod leads;
mod ours;
mod receiver;
mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use self::leads::Leads;
use self::ours::Ours;
use self::receiver::Receiver;
use crate::latency::Percentiles;
use crate::report::progress;
use crate::{limits, processes, sources};

/// `bench crm`
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// How long each figure is measured.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Leads a second of the steady stretch.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Writes every single measurement to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One run.
#[derive(Debug, Serialize)]
struct Measured {
    run: u32,
    transactions_per_second: f64,
    /// With a backlog that never ends.
    saturated: Stretch,
    steady: Stretch,
    /// Leads that did not arrive, arrived twice or are not noted as delivered.
    wrong: u64,
}

#[derive(Debug, Serialize)]
struct Stretch {
    arrived: u64,
    per_second: f64,
    /// From the moment before the event is published to the arrival of the first attempt.
    ms: Option<Percentiles>,
    /// Of the program, Postgres and NATS.
    cpu_us: f64,
}

/// How long the last of a stretch may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures and prints; how many leads went wrong.
pub(crate) async fn run(call: &Call) -> Result<u64> {
    let root = std::env::current_dir()?;
    let built = sources::checked(&root)?;
    let mut measured = Vec::new();
    for run in 1..=call.runs {
        progress(&format!("run {run} of {}", call.runs));
        measured.push(Box::pin(one(call, &root, &built.path, run)).await?);
        if let Some(file) = &call.json {
            let json = serde_json::to_string_pretty(&measured)?;
            std::fs::write(file, json).with_context(|| format!("{} cannot be written", file.display()))?;
        }
    }
    report::print(call, &built, &measured)?;
    Ok(measured.iter().map(|one| one.wrong).sum())
}

/// One run, on servers of its own.
async fn one(call: &Call, root: &std::path::Path, program: &std::path::Path, run: u32) -> Result<Measured> {
    let receiver = Receiver::start().await?;
    let ours = Ours::start(root, program, receiver.address()).await?;
    let length = Duration::from_secs(call.seconds);
    let transactions_per_second = limits::transactions(root, &ours.postgres_url(), length)?;
    let leads = Leads::new(&ours.nats_url(), &receiver).await?;
    // Connections and plans.
    stretch(&ours, &receiver, leads.steady(50, Duration::from_secs(2))).await?;
    progress(&format!("run {run}, {}/s", call.rate));
    let steady = stretch(&ours, &receiver, leads.steady(call.rate, length)).await?;
    progress(&format!("run {run}, saturated"));
    let saturated = stretch(&ours, &receiver, leads.saturate(length)).await?;
    let (published, delivered) = (leads.published(), ours.delivered(leads.published()).await?);
    let wrong = published.abs_diff(delivered) + receiver.twice();
    ours.stop().await?;
    Ok(Measured { run, transactions_per_second, saturated, steady, wrong })
}

/// Publishes, and counts what has arrived while it did.
async fn stretch(
    ours: &Ours,
    receiver: &Receiver,
    load: impl Future<Output = Result<()>>,
) -> Result<Stretch> {
    let pids = ours.pids()?;
    let cpu = |pids: &[u32]| pids.iter().map(|pid| processes::seconds(*pid)).sum::<Result<f64>>();
    receiver.forget();
    let (before, begin) = (cpu(&pids)?, Instant::now());
    load.await?;
    let (arrived, took) = (receiver.arrived(), begin.elapsed().as_secs_f64());
    let cpu_us = (cpu(&pids)? - before) * 1e6 / (arrived.max(1) as f64);
    let patience = Instant::now() + PATIENCE;
    while receiver.under_way() > 0 {
        if Instant::now() > patience {
            bail!("{} leads have not arrived: {}", receiver.under_way(), ours.said());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(Stretch { arrived, per_second: arrived as f64 / took, ms: receiver.latencies().percentiles(), cpu_us })
}
