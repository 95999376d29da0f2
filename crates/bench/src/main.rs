//! Measures the whole way of an update on this machine, beside the machine's own limits, and prints tables.
//! Everything is real: the programs, Postgres, NATS, HTTP; only Telegram is the simulator, in lean mode.

mod crm;
mod figures;
mod generator;
mod http;
mod kill;
mod latency;
mod limits;
mod llm;
mod measure;
mod memory;
mod people;
mod processes;
mod procfs;
mod program;
mod psql;
mod report;
mod run;
mod settings;
mod sources;
mod spread;
mod stack;
mod stretches;
mod tables;
mod webhook;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use local_servers::Sync;

/// Measures Dragoman from the webhook to the message, and prints tables of medians and ranges.
#[derive(Debug, Parser)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  bench                                  everything, some 12 minutes
  bench --seconds 3 --runs 1 --only synced
  bench --json figures.json              every single measurement goes to the file too
  bench --saturate-only --seconds 30     one long stretch of saturation, for a profile
  bench llm                              calls of models, beside the bare provider and LiteLLM's proxy
  bench crm                              deliveries of leads to a webhook, beside bare transactions
Every figure stands beside limits of the machine that were measured in the same run: quote the ratio.
The exit code is 1 if an acknowledged update stayed unanswered after the SIGKILL."
)]
struct Call {
    #[command(subcommand)]
    other: Option<Other>,
    /// How long each figure is measured.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often everything is measured: run 1 of all of it, then run 2. Default: 3, for a profile 1.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,
    /// Only this mode.
    #[arg(long)]
    only: Option<Mode>,
    /// Updates in flight at saturation.
    #[arg(long, default_value_t = 64, value_parser = in_flight)]
    in_flight: usize,
    /// Leave out everything but saturation: for a profile. Says which process to look at.
    #[arg(long)]
    saturate_only: bool,
    /// Leave out everything but the SIGKILL under load.
    #[arg(long, conflicts_with = "saturate_only")]
    kill_only: bool,
    /// Writes every single measurement to this file, and again after each run.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What else is measured.
#[derive(Debug, Subcommand)]
enum Other {
    /// Measures POST /v1/chat/completions.
    Llm(llm::Call),
    /// Measures deliveries of leads to an endpoint.
    Crm(crm::Call),
}

impl Call {
    fn runs(&self) -> u32 {
        self.runs.unwrap_or(if self.saturate_only { 1 } else { 3 })
    }

    fn modes(&self) -> Vec<Mode> {
        self.only.map_or_else(|| vec![Mode::Synced, Mode::Unsynced], |mode| vec![mode])
    }
}

/// When NATS writes to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Before it acknowledges: the default of this project.
    Synced,
    /// Every two minutes: the NATS server's own default.
    Unsynced,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Unsynced => "unsynced",
        }
    }

    const fn sync(self) -> Sync {
        match self {
            Self::Synced => Sync::Always,
            Self::Unsynced => Sync::Default,
        }
    }
}

/// Each of those in flight needs a chat of its own.
fn in_flight(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=people::CHATS).contains(&number) => Ok(number),
        _ => Err(format!("must be a number from 1 to {}", people::CHATS)),
    }
}

fn main() -> ExitCode {
    let call = Call::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| match &call.other {
            Some(Other::Llm(call)) => runtime.block_on(llm::run(call)),
            Some(Other::Crm(call)) => runtime.block_on(crm::run(call)),
            None => runtime.block_on(run::run(&call)),
        });
    let said = match outcome {
        Ok(0) => return ExitCode::SUCCESS,
        Ok(lost) if matches!(call.other, Some(Other::Llm(_))) => {
            format!("{lost} calls were answered and are not in the ledger")
        }
        Ok(lost) if matches!(call.other, Some(Other::Crm(_))) => {
            format!("{lost} leads did not arrive, arrived twice or are not noted as delivered")
        }
        Ok(lost) => format!("{lost} acknowledged updates stayed unanswered after the SIGKILL"),
        Err(error) => format!("{error:#}"),
    };
    let _ = writeln!(std::io::stderr(), "bench: {said}");
    ExitCode::FAILURE
}
