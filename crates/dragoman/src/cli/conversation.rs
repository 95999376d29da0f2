//! `dragoman conversation`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use ids::Uuid;

use super::{Source, id};

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman conversation list --bot dev2production
  dragoman conversation replay 0199aabb-… --step
  dragoman conversation replay 0199aabb-… --format html > talk.html
  dragoman conversation what-if 0199aabb-… --folder bots/dev2production
  dragoman conversation what-if 0199aabb-… --version 3 --model gpt-5-mini")]
pub(crate) enum Conversation {
    /// Lists conversations, those first that were spoken in last.
    #[command(after_help = "Examples:
  dragoman conversation list --bot dev2production
  dragoman conversation list --chat -100200 --json | jq -r .id")]
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
    #[command(after_help = "Examples:
  dragoman conversation replay 0199aabb-ccdd-7eee-8fff-001122334455 --step
  dragoman conversation replay 0199aabb-ccdd-7eee-8fff-001122334455 --format html > talk.html")]
    Replay {
        /// The conversation's id, from the list.
        #[arg(value_parser = id::conversation)]
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
    #[command(after_help = "Examples:
  dragoman conversation what-if 0199aabb-ccdd-7eee-8fff-001122334455 --folder bots/corner-shop
  dragoman conversation what-if 0199aabb-ccdd-7eee-8fff-001122334455 --version 3 --model gpt-5-mini --format json")]
    WhatIf {
        /// The conversation's id, from the list.
        #[arg(value_parser = id::conversation)]
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
