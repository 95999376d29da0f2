//! What the bots know beside their folders: `dragoman knowledge`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ids::Uuid;

use super::Source;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman knowledge add prices.md --bot dev2production          a file: .md, .txt or .html
  dragoman knowledge add https://example.com/faq --bot sales     a page; the worker fetches it, and looks for changes
  dragoman knowledge list                                        what was given, and what became of it
  dragoman knowledge show 0198…                                  what a document says, and why it is in quarantine
  dragoman knowledge release 0198…                               lets it out, once you have read it
  dragoman knowledge search --bot sales \"How much is a bot?\"     what a question finds
  dragoman knowledge gaps                                        what nobody could answer
  dragoman knowledge gaps draft 0198…                            lets the model draft an answer
  dragoman knowledge gaps approve 0198… --title \"Do you …?\" --text \"Yes, we do.\"
                                                                 makes an answer a part of the knowledge")]
pub(crate) enum Knowledge {
    /// Gives a document to a bot, in every version of it: a file, or an address to fetch.
    #[command(after_help = "Examples:
  dragoman knowledge add prices.md --bot dev2production --language en
  dragoman knowledge add https://example.com/faq --bot sales")]
    Add {
        /// The file, or the address (https://…).
        what: String,
        /// The name of the bot's folder.
        #[arg(long)]
        bot: String,
        /// The language it is in, such as `en`. Without it: told by the document.
        #[arg(long)]
        language: Option<String>,
        #[command(flatten)]
        end: End,
    },
    /// Lists what was given.
    #[command(after_help = "Examples:
  dragoman knowledge list
  dragoman knowledge list --bot sales --json | jq -r .id")]
    List {
        /// Only to this bot.
        #[arg(long)]
        bot: Option<String>,
        #[command(flatten)]
        end: End,
    },
    /// Prints a document as it is searched.
    #[command(after_help = "Examples:
  dragoman knowledge show 0199aabb-ccdd-7eee-8fff-001122334455")]
    Show {
        /// Its id in the list.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
    /// Forgets a document. No answer rests on it from then on.
    #[command(after_help = "Examples:
  dragoman knowledge remove 0199aabb-ccdd-7eee-8fff-001122334455")]
    Remove {
        /// Its id in the list.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
    /// Has a page fetched again, now.
    #[command(after_help = "Examples:
  dragoman knowledge refresh 0199aabb-ccdd-7eee-8fff-001122334455")]
    Refresh {
        /// Its id in the list.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
    /// Lets a document out of quarantine, as it is now. When it changes it is looked through again.
    #[command(after_help = "Examples:
  dragoman knowledge show 0199aabb-ccdd-7eee-8fff-001122334455       read it first
  dragoman knowledge release 0199aabb-ccdd-7eee-8fff-001122334455")]
    Release {
        /// Its id in the list.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
    /// Prints what a question finds, the best first, with how sure the search is.
    #[command(after_help = "Examples:
  dragoman knowledge search --bot sales \"How much is a bot?\"
  dragoman knowledge search --bot sales \"Сколько стоит бот?\" --json")]
    Search {
        /// The name of the bot's folder.
        #[arg(long)]
        bot: String,
        question: String,
        #[command(flatten)]
        end: End,
    },
    /// What nobody could answer, gathered by what is asked; and what is done about it.
    #[command(args_conflicts_with_subcommands = true)]
    Gaps {
        #[command(subcommand)]
        command: Option<Gaps>,
        /// Only of this bot.
        #[arg(long)]
        bot: Option<String>,
        #[command(flatten)]
        end: End,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman knowledge gaps                                         what nobody could answer
  dragoman knowledge gaps draft 0199aabb-ccdd-7eee-8fff-001122334455
  dragoman knowledge gaps approve 0199aabb-ccdd-7eee-8fff-001122334455    with the draft as it stands
  dragoman knowledge gaps dismiss 0199aabb-ccdd-7eee-8fff-001122334455")]
pub(crate) enum Gaps {
    /// Lets the model draft an answer, from what the bot knows.
    #[command(after_help = "Examples:
  dragoman knowledge gaps draft 0199aabb-ccdd-7eee-8fff-001122334455")]
    Draft {
        /// The gap's id.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
    /// Makes the draft a part of what the bot knows, found by the questions, and asks them again. Where none of them finds
    /// it the gap stays open, and this ends with 1.
    #[command(after_help = "Examples:
  dragoman knowledge gaps approve 0199aabb-ccdd-7eee-8fff-001122334455
  dragoman knowledge gaps approve 0199aabb-ccdd-7eee-8fff-001122334455 --title \"Do you make apps?\" --text \"Yes, we do.\"
  dragoman knowledge gaps approve 0199aabb-ccdd-7eee-8fff-001122334455 --file answer.md")]
    Approve {
        /// The gap's id.
        id: Uuid,
        /// The answer, instead of the draft.
        #[arg(long)]
        text: Option<String>,
        /// The same from a file.
        #[arg(long, value_name = "FILE", conflicts_with = "text")]
        file: Option<PathBuf>,
        /// The question it answers, in your words: its heading, which is searched and shown. Without it: the first of the
        /// questions as it was asked, if it has nobody's data in it.
        #[arg(long)]
        title: Option<String>,
        #[command(flatten)]
        end: End,
    },
    /// Nobody needs an answer to that; questions like it are not shown any more.
    #[command(after_help = "Examples:
  dragoman knowledge gaps dismiss 0199aabb-ccdd-7eee-8fff-001122334455")]
    Dismiss {
        /// The gap's id.
        id: Uuid,
        #[command(flatten)]
        end: End,
    },
}

/// What every one of these commands takes.
#[derive(Debug, Args)]
pub(crate) struct End {
    /// For programs: one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}
