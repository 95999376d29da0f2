//! The command line: what there is to be said, and its help. A group of commands a file.

mod bot;
mod conversation;
mod costs;
mod crm;
#[cfg(test)]
mod examples;
mod id;
mod keys;
mod knowledge;
mod leads;
mod llm;
mod people;
mod up;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::bot::{Bot, Eval};
pub(crate) use self::conversation::{Conversation, Format};
pub(crate) use self::costs::{Costs, CostsCommand};
pub(crate) use self::crm::{Alerts as CrmAlerts, Crm};
pub(crate) use self::keys::{Keys, Per};
pub(crate) use self::knowledge::{End as KnowledgeEnd, Gaps, Knowledge};
pub(crate) use self::leads::{Leads, Temperature};
pub(crate) use self::llm::{Llm, ModelEval};
pub(crate) use self::people::{Erasures, Limits, Whom};
pub(crate) use self::up::Up;

/// Dragoman: a self-hosted platform between people on Telegram and language models, agents and CRMs.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "Examples:
  dragoman up                                      everything on this machine, with a chat page to try it
  dragoman run --roles gateway,bot -c prod.toml    two roles of an installation
  dragoman config check -c prod.toml               what is wrong with the settings, before it matters
  dragoman bot check                               what is wrong with the bots, by file and line
  dragoman dead-letters list                       what could not be handled, in every service
  dragoman events tail bot                         what the bot publishes, as it comes"
)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts everything on this machine: Postgres, NATS, every role, and a chat page to try every bot below bots/.
    Up(Up),
    /// Runs roles of an installation until SIGTERM.
    #[command(after_help = "Examples:
  dragoman run -c prod.toml                            every role, in one process
  dragoman run --roles gateway,bot -c prod.toml         two of them
  dragoman run --roles crm --no-migrate -c prod.toml    somebody else brings the tables up to date")]
    Run(Run),
    /// Brings the database up to date: schemas, login roles, tables.
    #[command(after_help = "Examples:
  dragoman migrate --admin-url-file /run/secrets/postgres_admin -c prod.toml
  dragoman migrate -c prod.toml                         schemas and login roles are there already")]
    Migrate(Migrate),
    /// A bot's folder: makes it, looks for mistakes, plays its scenarios, draws its flows.
    Bot {
        #[command(subcommand)]
        command: Bot,
    },
    /// Conversations as they were held, and as they would have been with another version, model or prompt.
    Conversation {
        #[command(subcommand)]
        command: Conversation,
    },
    /// What people asked for and how to reach them, with scores and reasons.
    Leads {
        #[command(subcommand)]
        command: Leads,
    },
    /// What the bots know beside their folders, and what nobody could answer.
    Knowledge {
        #[command(subcommand)]
        command: Knowledge,
    },
    /// Looks at settings.
    Config {
        #[command(subcommand)]
        command: Config,
    },
    /// Events and jobs that could not be handled.
    DeadLetters {
        #[command(subcommand)]
        command: DeadLetters,
    },
    /// People who want to be forgotten, and what became of that.
    Erasures {
        #[command(subcommand)]
        command: Erasures,
    },
    /// What answers have cost, and who may ask for how many.
    Costs(Costs),
    /// People whom the bots answer no more: who, why, and the end of it.
    Limits {
        #[command(subcommand)]
        command: Limits,
    },
    /// The language models: whether they can be asked, which is how fast, and how well they answer.
    Llm {
        #[command(subcommand)]
        command: Llm,
    },
    /// The CRMs: whether they can be called, what can be filled in, what a lead becomes, and what was given up.
    Crm {
        #[command(subcommand)]
        command: Crm,
    },
    /// Keys of the organisation's own programs, which ask models through the gateway.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// What the services publish.
    Events {
        #[command(subcommand)]
        command: Events,
    },
    /// Prints the completion script of a shell.
    #[command(after_help = "Examples:
  dragoman completions bash > ~/.local/share/bash-completion/completions/dragoman
  dragoman completions zsh > ~/.zfunc/_dragoman
  dragoman completions fish > ~/.config/fish/completions/dragoman.fish")]
    Completions { shell: Shell },
}

/// Where the settings are.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The settings file (TOML). Without it: dragoman.toml here; where `dragoman up` has run, what it has written, and
    /// dragoman.toml over that.
    #[arg(short, long, value_name = "FILE", env = "DRAGOMAN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Which roles, separated by commas: gateway, bot, llm-worker, crm, analytics, or all.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    pub(crate) roles: Vec<String>,
    /// Only read the schemas' state; somebody else runs `dragoman migrate`.
    #[arg(long)]
    pub(crate) no_migrate: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// A Postgres role that may create roles and schemas. Without it, schemas and login roles must be there.
    #[arg(long, value_name = "URL", env = "DRAGOMAN_ADMIN_DATABASE_URL", hide_env_values = true)]
    pub(crate) admin_url: Option<String>,
    /// The same from a file, so that it stands in no process list.
    #[arg(long, value_name = "FILE", env = "DRAGOMAN_ADMIN_DATABASE_URL_FILE", conflicts_with = "admin_url")]
    pub(crate) admin_url_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman config check -c prod.toml               what is wrong with the settings, before it matters
  dragoman config default > dragoman.toml          every setting with its default, to begin with
  dragoman config schema > dragoman.schema.json    for an editor that completes")]
pub(crate) enum Config {
    /// Says what is wrong with the settings, or that they are fine.
    #[command(after_help = "Examples:
  dragoman config check -c prod.toml
  dragoman config check --roles gateway,bot -c prod.toml")]
    Check {
        /// Only what these roles need.
        #[arg(long, value_delimiter = ',', default_value = "all")]
        roles: Vec<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Prints every setting with its default, as a file to begin with.
    #[command(after_help = "Examples:
  dragoman config default > dragoman.toml")]
    Default,
    /// Prints the JSON Schema of the settings.
    #[command(after_help = "Examples:
  dragoman config schema > dragoman.schema.json")]
    Schema,
    /// Prints the reference page of the settings (Markdown).
    #[command(after_help = "Examples:
  dragoman config reference > CONFIGURATION.md")]
    Reference,
    /// Prints the description of the REST API (OpenAPI).
    #[command(after_help = "Examples:
  dragoman config openapi > openapi.json")]
    Openapi,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman dead-letters list                             what could not be handled, in every service, and why
  dragoman dead-letters list --service crm --json        of one service, for programs
  dragoman dead-letters replay --service crm 42 43       once the cause is gone: they are handled again
  dragoman dead-letters replay --service crm --all       every one of the service, the oldest first
  dragoman dead-letters discard --service crm 42         when it is of no use any more")]
pub(crate) enum DeadLetters {
    /// Lists them, newest first.
    #[command(after_help = "Examples:
  dragoman dead-letters list
  dragoman dead-letters list --service crm --json | jq -r .error")]
    List {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        /// At most so many of each service.
        #[arg(long, default_value_t = 50)]
        most: i64,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Sends them back to whoever gave them up.
    #[command(after_help = "Examples:
  dragoman dead-letters replay --service crm 42 43
  dragoman dead-letters replay --service crm --all --consumer crm-leads")]
    Replay {
        /// Whose they are: the service in the list.
        #[arg(long)]
        service: String,
        /// Their numbers in the list.
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<i64>,
        /// Every one of the service.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// With --all: only what this consumer or queue gave up ("event of …", "job of …" in the list).
        #[arg(long, value_name = "NAME", requires = "all")]
        consumer: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Deletes one for good.
    #[command(after_help = "Examples:
  dragoman dead-letters discard --service crm 42")]
    Discard {
        /// Whose it is: the service in the list.
        #[arg(long)]
        service: String,
        /// Its number in the list.
        id: i64,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman events tail bot                     as they come
  dragoman events tail crm --from-start --json")]
pub(crate) enum Events {
    /// Prints a service's events as they come: when, which, about what. Never what is inside.
    #[command(after_help = "Examples:
  dragoman events tail bot
  dragoman events tail crm --from-start --json | jq -r .name")]
    Tail {
        /// gateway, bot, llm, crm or analytics.
        service: String,
        /// From the oldest that is kept.
        #[arg(long)]
        from_start: bool,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}
