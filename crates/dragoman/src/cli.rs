use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

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
    /// Starts everything on this machine: Postgres, NATS, every role, and a chat page to try it.
    Up,
    /// Runs roles of an installation until SIGTERM.
    Run(Run),
    /// Brings the database up to date: schemas, login roles, tables.
    Migrate(Migrate),
    /// A bot's folder: makes it, looks for mistakes, plays its scenarios, draws its flows.
    Bot {
        #[command(subcommand)]
        command: Bot,
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
    /// What the services publish.
    Events {
        #[command(subcommand)]
        command: Events,
    },
    /// Prints the completion script of a shell.
    Completions { shell: Shell },
}

/// Where the settings are.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The settings file (TOML). Without it: dragoman.toml here, else what `dragoman up` has written.
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
  dragoman bot new corner-shop                a small bot in bots/corner-shop, to begin with
  dragoman bot check                          every bot below bots/
  dragoman bot check bots/dev2production --json
  dragoman bot test --only budget             the scenarios that are about budgets
  dragoman bot eval --bot dev2production      how often its answers are right, and how sure
  dragoman bot graph bots/dev2production --lang ru > flows.md")]
pub(crate) enum Bot {
    /// Makes a small bot that works, in bots/NAME, to begin with.
    New {
        /// Small letters, digits and dashes.
        name: String,
    },
    /// Says every mistake, with its file, line, column and field, or that the bot is fine.
    Check {
        /// The bots' folders. Without one: all below bots/.
        #[arg(value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Plays the scenarios of bots, without a network.
    Test {
        /// The bots' folders. Without one: all below bots/.
        #[arg(value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Only scenarios whose name, or whose file, holds this.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Prints the flows as diagrams (Markdown with Mermaid).
    Graph {
        folder: PathBuf,
        /// Only this flow.
        #[arg(long)]
        flow: Option<String>,
        /// In this language of the bot. Without it: its first.
        #[arg(long)]
        lang: Option<String>,
    },
    /// Prints the JSON Schema of a kind of file, by which editors complete.
    Schema {
        #[arg(value_parser = ["bot", "menu", "faq", "flow", "scenarios", "eval"])]
        part: String,
    },
    /// Measures the answers of the FAQ by the labelled sets in eval/.
    Eval(Eval),
    /// Makes calibration.yml out of the labelled sets for tuning: how sure an answer is.
    Calibrate {
        folder: PathBuf,
        /// Only prints it.
        #[arg(long)]
        print: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The bot's name below bots/, or its folder. Without it: every bot that has a labelled set.
    #[arg(long, value_name = "NAME")]
    pub(crate) bot: Option<PathBuf>,
    /// Only the sets of this use.
    #[arg(long, value_parser = ["tuning", "held_out"])]
    pub(crate) set: Option<String>,
    /// A labelled set that lies elsewhere, instead of those in eval/.
    #[arg(long, value_name = "FILE", conflicts_with = "set")]
    pub(crate) with: Option<PathBuf>,
    /// Conversations, one JSON object {"text", "answer"} a line: a classifier is trained on them and measured beside
    /// the bot on the same questions.
    #[arg(long, value_name = "FILE")]
    pub(crate) train: Option<PathBuf>,
    /// For programs: one JSON object a bot.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Says what is wrong with the settings, or that they are fine.
    Check {
        /// Only what these roles need.
        #[arg(long, value_delimiter = ',', default_value = "all")]
        roles: Vec<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Prints every setting with its default, as a file to begin with.
    Default,
    /// Prints the JSON Schema of the settings.
    Schema,
    /// Prints the reference page of the settings (Markdown).
    Reference,
    /// Prints the description of the REST API (OpenAPI).
    Openapi,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// Lists them, newest first.
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
    /// Sends one back to whoever gave it up.
    Replay {
        /// Whose it is: the service in the list.
        #[arg(long)]
        service: String,
        /// Its number in the list.
        id: i64,
        #[command(flatten)]
        source: Source,
    },
    /// Deletes one for good.
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
pub(crate) enum Events {
    /// Prints a service's events as they come: when, which, about what. Never what is inside.
    Tail {
        /// gateway, bot, llm or crm.
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
