//! Calls of models: what the gateway's `POST /v1/chat/completions` adds to a provider, beside the provider itself and
//! LiteLLM's proxy in front of the same one. The provider is scripted, in this process.

mod client;
mod litellm;
mod load;
mod ours;
mod report;
mod upstream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use self::client::Target;
use self::litellm::LiteLlm;
use self::load::{Load, Stretch};
use self::ours::Ours;
use self::upstream::Upstream;
use crate::report::progress;
use crate::sources;

/// `bench llm`
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// How long each figure is measured.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// LiteLLM's program, of a virtual environment with `litellm[proxy]`. Without it: only ours and the bare provider.
    #[arg(long, value_name = "FILE")]
    litellm: Option<PathBuf>,
    /// How long the provider takes, milliseconds; may be given more than once.
    #[arg(long = "delay", value_name = "MS", default_values_t = [0, 50])]
    delays: Vec<u64>,
    /// Only saturation of ours: for a profile. Says which process to look at.
    #[arg(long)]
    saturate_only: bool,
    /// Calls in flight at saturation.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Writes every single measurement to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One stretch with where and when it was measured.
#[derive(Debug, Serialize)]
struct Measured {
    run: u32,
    /// "provider", "dragoman" or "litellm".
    target: &'static str,
    delay_ms: u64,
    #[serde(flatten)]
    stretch: Stretch,
}

/// Measures and prints; how many calls were answered and are not in the ledger.
pub(crate) async fn run(call: &Call) -> Result<u64> {
    let root = std::env::current_dir()?;
    let built = sources::checked(&root)?;
    let upstream = Upstream::start().await?;
    let ours = Ours::start(&root, &built.path, upstream.address()).await?;
    let litellm = match &call.litellm {
        Some(program) if !call.saturate_only => Some(LiteLlm::start(program, upstream.address()).await?),
        _ => None,
    };
    let mut targets = vec![("dragoman", ours.target(), Some(ours.program.pid()?))];
    if call.saturate_only {
        progress(&format!("look at process {}", ours.program.pid()?));
    } else {
        targets.insert(0, ("provider", Target::new(upstream.address(), "", "parrot-1"), None));
    }
    if let Some(litellm) = &litellm {
        targets.push(("litellm", litellm.target(), Some(litellm.pid())));
    }
    let mut measured = Vec::new();
    let outcome = Box::pin(every_run(call, &upstream, &targets, ours.postgres_pid()?, &mut measured)).await;
    report::print(call, &built, litellm.as_ref().map(LiteLlm::settings), &measured)?;
    if let Some(file) = &call.json {
        let json = serde_json::to_string_pretty(&measured)?;
        std::fs::write(file, json).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let answered = measured.iter().filter(|one| one.target == "dragoman");
    let answered: u64 = answered.map(|one| one.stretch.answered).sum();
    let missing = match outcome {
        Ok(()) => ours.missing(answered).await?,
        Err(error) => return Err(error.context(ours.program.said())),
    };
    progress(&format!("{answered} calls were answered, {missing} of them are not in the ledger"));
    if let Some(litellm) = litellm {
        litellm.stop();
    }
    ours.stop().await?;
    Ok(missing)
}

async fn every_run(
    call: &Call,
    upstream: &Upstream,
    targets: &[(&'static str, Target, Option<u32>)],
    postgres: u32,
    measured: &mut Vec<Measured>,
) -> Result<()> {
    let length = Duration::from_secs(call.seconds);
    for (_, target, _) in targets {
        // Connections, caches, and what interprets warms up.
        load::run(target, Load::Saturate(8), Duration::from_secs(2), &[]).await?;
    }
    measured.clear();
    for run in 1..=call.runs {
        for delay_ms in call.delays.iter().copied() {
            upstream.delay(Duration::from_millis(delay_ms));
            // In flight is rate times time: as many more as the provider takes longer.
            let in_flight = if delay_ms == 0 { call.in_flight } else { call.in_flight * 6 };
            let loads = if call.saturate_only {
                vec![Load::Saturate(in_flight)]
            } else {
                vec![Load::Steady(50), Load::Steady(200), Load::Streams(50), Load::Saturate(in_flight)]
            };
            for load in loads {
                for (name, target, pid) in targets {
                    progress(&format!("run {run} of {}, provider {delay_ms} ms, {load}, {name}", call.runs));
                    let pids: Vec<u32> =
                        pid.iter().copied().chain((*name == "dragoman").then_some(postgres)).collect();
                    let stretch = load::run(target, load, length, &pids).await;
                    let stretch = stretch.with_context(|| format!("{name}, {load}"))?;
                    measured.push(Measured { run, target: name, delay_ms, stretch });
                }
            }
        }
    }
    Ok(())
}

/// A free port of this machine.
fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
