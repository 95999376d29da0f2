//! The chores of the workspace: `cargo xtask test | tidy | check | gen | bench`.

mod check;
mod deny;
pub mod generate;
mod shell;
mod test_run;
pub mod tidy;
pub mod workspace;

use clap::{Parser, Subcommand};

use crate::shell::{Shell, say};
use crate::workspace::Workspace;

/// The chores of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
pub struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run the tests on a Postgres and a NATS of their own; arguments go to the test runner.
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Check the rules that the compiler does not know.
    Tidy,
    /// Format, tidy, lints, generated files, dependencies, deployment files: all, or those named.
    Check {
        #[arg(value_parser = check::names())]
        steps: Vec<String>,
    },
    /// Write the files that are generated from the code.
    Gen {
        /// Only say which are out of date.
        #[arg(long)]
        check: bool,
    },
    /// Measure (in release mode); arguments go to the benchmark.
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

impl Xtask {
    pub fn run(self) -> anyhow::Result<()> {
        let shell = Shell::at_root();
        match self.chore {
            Chore::Test { args } => test_run::run(&shell, &args),
            Chore::Tidy => tidy::run(&Workspace::load(shell.root())?),
            Chore::Check { steps } => check::run(&shell, &steps),
            Chore::Gen { check } => generate::run(&shell, check),
            Chore::Bench { args } => {
                shell.cargo(["run", "--release", "--package", "bench", "--"]).args(args).must_succeed()
            }
        }
    }
}

/// Prints an error with its causes, on one line.
pub fn complain(error: &anyhow::Error) {
    say(&format!("xtask: {error:#}"));
}
