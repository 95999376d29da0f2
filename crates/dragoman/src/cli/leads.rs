//! `dragoman leads`.

use clap::{Subcommand, ValueEnum};
use ids::Uuid;

use super::{Source, id};

#[derive(Debug, Subcommand)]
#[command(after_help = "It shows personal data: names, addresses, and what people wrote.

Examples:
  dragoman leads list                                        the newest, a line each
  dragoman leads list --bot dev2production --temperature hot  only the hot ones of one bot
  dragoman leads show 0199aabb-ccdd-7eee-8fff-001122334455   one with its answers, its score and the reasons for it
  dragoman leads list --json | jq .contact.email             for programs")]
pub(crate) enum Leads {
    /// Lists them, newest first.
    #[command(after_help = "Examples:
  dragoman leads list --temperature hot
  dragoman leads list --bot dev2production --most 100 --json | jq .contact.email")]
    List {
        /// Only of this bot.
        #[arg(long)]
        bot: Option<String>,
        /// Only these.
        #[arg(long, value_enum)]
        temperature: Option<Temperature>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        most: i64,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Shows one: what the person told, how to reach them, its score and why.
    #[command(after_help = "Examples:
  dragoman leads show 0199aabb-ccdd-7eee-8fff-001122334455
  dragoman leads show 0199aabb-ccdd-7eee-8fff-001122334455 --json | jq .score")]
    Show {
        /// The lead's id, from the list.
        #[arg(value_parser = id::lead)]
        id: Uuid,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}

/// How likely it is to become a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Temperature {
    Hot,
    Warm,
    Cold,
}
