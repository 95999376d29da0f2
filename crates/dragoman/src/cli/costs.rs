//! `dragoman costs`: what answers have cost.

use clap::{Args, Subcommand, ValueEnum};
use ids::Timestamp;

use super::Source;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  dragoman costs                                    today and this month, and the models that cost most
  dragoman costs --by person                        the same by person, each under a pseudonym
  dragoman costs --by key --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z
  dragoman costs tier --bot sales 77 premium        puts a person into a tier of [llm-worker.money.tiers]
  dragoman costs tier --bot sales 77                takes them out of it"
)]
pub(crate) struct Costs {
    #[command(subcommand)]
    pub(crate) command: Option<CostsCommand>,
    /// What they are told apart by.
    #[arg(long, value_enum, default_value = "model")]
    pub(crate) by: By,
    /// The begin, RFC 3339. Left out with --to: this month.
    #[arg(long, requires = "to")]
    pub(crate) from: Option<Timestamp>,
    /// The end, RFC 3339, not in the period.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<Timestamp>,
    /// For programs: a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CostsCommand {
    /// Puts a person into a tier, whose limits then hold for them.
    #[command(after_help = "Examples:
  dragoman costs tier --bot sales 77 premium
  dragoman costs tier --bot sales 77              out of every tier")]
    Tier {
        /// The bot's name in the settings.
        #[arg(long)]
        bot: String,
        /// Their chat with the bot: a person's number, or a group's.
        #[arg(allow_negative_numbers = true)]
        person: i64,
        /// The tier. Left out: everybody's limits.
        tier: Option<String>,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum By {
    Model,
    Provider,
    Bot,
    Person,
    Key,
    Mode,
    Prompt,
    Conversation,
    Lead,
    Day,
}

impl From<By> for llm_worker::By {
    fn from(by: By) -> Self {
        match by {
            By::Model => Self::Model,
            By::Provider => Self::Provider,
            By::Bot => Self::Bot,
            By::Person => Self::Person,
            By::Key => Self::Key,
            By::Mode => Self::Mode,
            By::Prompt => Self::Prompt,
            By::Conversation => Self::Conversation,
            By::Lead => Self::Lead,
            By::Day => Self::Day,
        }
    }
}
