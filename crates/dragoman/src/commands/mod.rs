//! The commands, one file each.

mod bot;
mod config;
mod conversation;
mod costs;
mod crm;
mod crm_endpoints;
mod dead_letters;
mod erasures;
mod events;
mod keys;
mod knowledge;
mod leads;
mod limits;
mod llm;
mod migrate;
mod run;

use std::io::Write;

use anyhow::{Context, Result, anyhow};
use clap::CommandFactory;
use classify::Failure;

use crate::cli::{Cli, Command};
use crate::up;

/// Does what the command line says.
pub fn dispatch(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Up(call) => up::up(&call),
        Command::Run(call) => run::run(&call),
        Command::Migrate(call) => runtime()?.block_on(migrate::migrate(&call)),
        Command::Bot { command } => bot::bot(&command),
        Command::Conversation { command } => runtime()?.block_on(conversation::conversation(&command)),
        Command::Knowledge { command } => runtime()?.block_on(knowledge::knowledge(&command)),
        Command::Config { command } => config::config(&command),
        Command::DeadLetters { command } => runtime()?.block_on(dead_letters::dead_letters(&command)),
        Command::Costs(call) => runtime()?.block_on(costs::costs(&call)),
        Command::Limits { command } => runtime()?.block_on(limits::limits(&command)),
        Command::Llm { command } => runtime()?.block_on(llm::llm(&command)),
        Command::Crm { command } => runtime()?.block_on(crm::crm(&command)),
        Command::Erasures { command } => runtime()?.block_on(erasures::erasures(&command)),
        Command::Leads { command } => runtime()?.block_on(leads::leads(&command)),
        Command::Keys { command } => runtime()?.block_on(keys::keys(command)),
        Command::Events { command } => runtime()?.block_on(events::events(&command)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "dragoman", &mut std::io::stdout());
            Ok(())
        }
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the operating system gave no threads")
}

/// Prints a line. A reader that has gone away (`| head`) ends the command quietly.
pub(crate) fn print(line: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
pub(crate) fn said(failure: Failure) -> anyhow::Error {
    anyhow!("{failure}")
}
