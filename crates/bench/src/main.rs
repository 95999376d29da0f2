//! Measures the whole way of an update on this machine, beside the machine's own limits, and prints one table.
//! Everything is real: the programs, Postgres, NATS, HTTP; only Telegram is the simulator, in lean mode.

mod cpu;
mod generator;
mod latency;
mod limits;
mod report;
mod run;
mod stack;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Measures Dragoman from the webhook to the message, and prints a table.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  bench                        everything, some minutes
  bench --seconds 3 --only synced
Every figure stands beside a limit of the machine that was measured in the same run: quote the ratio.")]
struct Call {
    /// How long each figure is measured.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Only this mode: synced (each acknowledged event on disk) or unsynced (the NATS server's default).
    #[arg(long)]
    only: Option<String>,
    /// Updates in flight at saturation.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Leave out everything but saturation: for a profile.
    #[arg(long)]
    saturate_only: bool,
    /// Leave out everything but the SIGKILL under load.
    #[arg(long)]
    kill_only: bool,
}

fn main() -> ExitCode {
    let call = Call::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run::run(&call)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
