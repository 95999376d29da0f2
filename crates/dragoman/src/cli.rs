use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ids::Uuid;

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
    /// Conversations as they were held, and as they would have been with another version, model or prompt.
    Conversation {
        #[command(subcommand)]
        command: Conversation,
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
  dragoman bot graph bots/dev2production --lang ru > flows.md
  dragoman bot diff bots/dev2production       what publishing the folder would change
  dragoman bot publish bots/dev2production --note \"new prices\"
  dragoman bot rollback dev2production        back to the version published before
  dragoman bot register sales --dry-run       what Telegram would be told")]
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
    /// Serves this folder's content from now on, without a restart. Conversations in the middle of a flow go on with
    /// the version they began with. It is checked and its scenarios are played first.
    Publish {
        /// The bot's folder.
        folder: PathBuf,
        /// Why; shown in the list.
        #[arg(long, default_value = "")]
        note: String,
        /// Publishes it even where scenarios go another way.
        #[arg(long)]
        untested: bool,
        /// For programs.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Serves an earlier version again.
    Rollback {
        /// The bot's folder, by its name.
        bot: String,
        /// The number of the version. Without it: the one that was published before the present one.
        #[arg(long, value_name = "NUMBER")]
        to: Option<i32>,
        /// Why; shown in the list.
        #[arg(long, default_value = "")]
        note: String,
        /// For programs.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Serves the folder on the services' machines again, as before anything was published.
    Follow {
        /// The bot's folder, by its name.
        bot: String,
        /// Why; shown in the list.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        source: Source,
    },
    /// Lists the versions of bots, newest first: which one is served, who published what and why.
    List {
        /// Only of this bot.
        bot: Option<String>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Shows what differs between two versions, or between a version and the folder.
    Diff {
        /// The bot's folder; its name is enough where both sides are versions.
        folder: PathBuf,
        /// The older side: a version's number. Without it: the one that is served.
        #[arg(long, value_name = "NUMBER")]
        from: Option<i32>,
        /// The newer side: a version's number. Without it: the folder.
        #[arg(long, value_name = "NUMBER")]
        to: Option<i32>,
        #[command(flatten)]
        source: Source,
    },
    /// Tells Telegram the bot's name, texts and commands and where its updates go, and looks whether it is so.
    Register {
        /// The bot's name in the settings.
        name: String,
        /// Only says what would be changed.
        #[arg(long)]
        dry_run: bool,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Prints the JSON Schema of a kind of file, by which editors complete.
    Schema {
        #[arg(value_parser = ["bot", "menu", "faq", "flow", "scenarios"])]
        part: String,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman conversation list --bot dev2production
  dragoman conversation replay 0199aabb-… --step
  dragoman conversation replay 0199aabb-… --format html > talk.html
  dragoman conversation what-if 0199aabb-… --folder bots/dev2production
  dragoman conversation what-if 0199aabb-… --version 3 --model gpt-5-mini")]
pub(crate) enum Conversation {
    /// Lists conversations, those first that were spoken in last.
    List {
        /// Only with this bot.
        #[arg(long)]
        bot: Option<String>,
        /// Only in this chat (Telegram's number of it).
        #[arg(long, allow_negative_numbers = true)]
        chat: Option<i64>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        most: i64,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Shows what was said: who, when, what the bot took it for and how surely, what it cost. It is personal data.
    Replay {
        /// The conversation's id, from the list.
        id: Uuid,
        /// Message by message: Enter shows the next one.
        #[arg(long, conflicts_with = "format")]
        step: bool,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        source: Source,
    },
    /// Holds the same conversation with another version of the bot, another model or another prompt, and shows the
    /// answers side by side. Nobody is sent anything; a model that is asked costs what it costs.
    WhatIf {
        /// The conversation's id, from the list.
        id: Uuid,
        /// With this folder.
        #[arg(long, conflicts_with = "version")]
        folder: Option<PathBuf>,
        /// With the version of this number. Without it, and without a folder: the one that is served.
        #[arg(long, value_name = "NUMBER")]
        version: Option<i32>,
        /// With this model of the configured provider.
        #[arg(long)]
        model: Option<String>,
        /// With this file instead of prompts/system.md.
        #[arg(long, value_name = "FILE")]
        prompt: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        source: Source,
    },
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    /// A page of its own.
    Html,
    Json,
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
