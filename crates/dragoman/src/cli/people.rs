//! What is done about people: `dragoman limits` and `dragoman erasures`.

use clap::{Args, Subcommand};
use ids::Uuid;

use super::{Source, id};

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman erasures list                                        who waits, what runs, what is done
  dragoman erasures show 0199aabb-ccdd-7eee-8fff-001122334455   one, with its certificate
  dragoman erasures cancel 0199aabb-ccdd-7eee-8fff-001122334455  before its day: it is called off, the person is told")]
pub(crate) enum Erasures {
    /// Lists them, newest first.
    #[command(after_help = "Examples:
  dragoman erasures list
  dragoman erasures list --json | jq 'select(.state != \"done\")'")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        most: i64,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Shows one: who has answered, and the certificate of one that is done.
    #[command(after_help = "Examples:
  dragoman erasures show 0199aabb-ccdd-7eee-8fff-001122334455
  dragoman erasures show 0199aabb-ccdd-7eee-8fff-001122334455 --json > certificate.json")]
    Show {
        /// Its id in the list.
        #[arg(value_parser = id::erasure)]
        id: Uuid,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Calls one off that has not begun. The person is told.
    #[command(after_help = "Examples:
  dragoman erasures cancel 0199aabb-ccdd-7eee-8fff-001122334455")]
    Cancel {
        /// Its id in the list.
        #[arg(value_parser = id::erasure)]
        id: Uuid,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman limits list                                who is paused, banned or marked now
  dragoman limits show --bot sales 77                 how it came to that, with the words of an appeal
  dragoman limits lift --bot sales 77                 undoes it, and tells the person
  dragoman limits lift --bot sales 77 --chat=-100200  the same for a person in a group
  dragoman limits lift --bot sales --chat=-100200     takes the mark of a flood of joins from a group")]
pub(crate) enum Limits {
    /// Lists who is limited now, newest first.
    #[command(after_help = "Examples:
  dragoman limits list
  dragoman limits list --bot sales --json")]
    List {
        /// Only of this bot.
        #[arg(long)]
        bot: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        most: i64,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Says all that was done about one person, oldest first.
    #[command(after_help = "Examples:
  dragoman limits show --bot sales 77
  dragoman limits show --bot sales 77 --chat=-100200")]
    Show {
        #[command(flatten)]
        whom: Whom,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Undoes what was done to a person; the bot tells them.
    #[command(after_help = "Examples:
  dragoman limits lift --bot sales 77
  dragoman limits lift --bot sales --chat=-100200     the mark of a whole group")]
    Lift {
        #[command(flatten)]
        whom: Whom,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}

/// A person as one bot knows them.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Whom {
    /// The bot's name in the settings.
    #[arg(long)]
    pub(crate) bot: String,
    /// The person's number in the list. Without it: a whole group.
    #[arg(required_unless_present = "chat")]
    pub(crate) person: Option<i64>,
    /// The group. Without it: the person's private chat.
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) chat: Option<i64>,
}
