//! `dragoman bot`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Source;

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
  dragoman bot register sales --dry-run       what Telegram would be told
  dragoman bot eval --bot dev2production      how often its answers are right, and how sure")]
pub(crate) enum Bot {
    /// Makes a small bot that works, in bots/NAME, to begin with.
    #[command(after_help = "Examples:
  dragoman bot new corner-shop")]
    New {
        /// Small letters, digits and dashes.
        name: String,
    },
    /// Says every mistake, with its file, line, column and field, or that the bot is fine.
    #[command(after_help = "Examples:
  dragoman bot check                              every bot below bots/
  dragoman bot check bots/corner-shop
  dragoman bot check --json | jq -r .file")]
    Check {
        /// The bots' folders. Without one: all below bots/.
        #[arg(value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Plays the scenarios of bots, without a network.
    #[command(after_help = "Examples:
  dragoman bot test                               every scenario of every bot
  dragoman bot test bots/corner-shop --only budget
  dragoman bot test --json | jq 'select(.ok | not)'")]
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
    #[command(after_help = "Examples:
  dragoman bot graph bots/dev2production > flows.md
  dragoman bot graph bots/dev2production --flow intake --lang ru")]
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
    #[command(after_help = "Examples:
  dragoman bot publish bots/corner-shop --note \"new prices\"
  dragoman bot publish bots/corner-shop --untested --json")]
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
    #[command(after_help = "Examples:
  dragoman bot rollback corner-shop               to the version that was published before
  dragoman bot rollback corner-shop --to 3 --note \"the prices were right\"")]
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
    #[command(after_help = "Examples:
  dragoman bot follow corner-shop --note \"back to the files\"")]
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
    #[command(after_help = "Examples:
  dragoman bot list
  dragoman bot list corner-shop --json | jq -r .version")]
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
    #[command(after_help = "Examples:
  dragoman bot diff bots/corner-shop              what publishing the folder would change
  dragoman bot diff corner-shop --from 2 --to 3    between two versions")]
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
    #[command(after_help = "Examples:
  dragoman bot register sales --dry-run           what Telegram would be told
  dragoman bot register sales --json")]
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
    #[command(after_help = "Examples:
  dragoman bot schema flow > flow.schema.json     for the first line of a flow: # yaml-language-server: $schema=…")]
    Schema {
        #[arg(value_parser = bot_folder::Part::ALL.map(bot_folder::Part::name))]
        part: String,
    },
    /// Measures the answers of the FAQ by the labelled sets in eval/.
    #[command(after_help = "Examples:
  dragoman bot eval --bot dev2production
  dragoman bot eval --bot dev2production --set held_out
  dragoman bot eval --bot dev2production --with questions.yml --json")]
    Eval(Eval),
    /// Makes calibration.yml out of the labelled sets for tuning: how sure an answer is.
    #[command(after_help = "Examples:
  dragoman bot calibrate bots/corner-shop
  dragoman bot calibrate bots/corner-shop --print > calibration.yml")]
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
