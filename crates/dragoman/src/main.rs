//! Parses the command line and says in one sentence what went wrong.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match dragoman::dispatch(dragoman::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when the terminal itself is gone.
            let _ = writeln!(std::io::stderr(), "dragoman: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, each told once: some libraries repeat theirs.
fn sentence(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .reduce(|told, cause| if told.ends_with(&cause) { told } else { format!("{told}: {cause}") })
        .unwrap_or_default()
}
