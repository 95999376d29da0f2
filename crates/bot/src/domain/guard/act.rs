//! What a message is to the guard.

use bot_folder::{Action, BotFolder};

use crate::domain::text::command;
use crate::domain::{Input, What};

/// The beginning of the data of the guard's own buttons.
const OWN: &str = "g:";
/// The command, and the data of the button, by which a person appeals.
const APPEAL: &str = "appeal";
/// Commands, and beginnings of the data of buttons, that work whatever a person has done: the way out of a flow, and
/// the right to be forgotten with the buttons by which it is confirmed or taken back (`r:`).
const ALWAYS: [&str; 3] = ["cancel", "forget", "r"];

pub(super) enum Act<'a> {
    /// A text, or what stands behind a command.
    Words(&'a str),
    /// The words that came with a file.
    Caption(&'a str),
    /// A press, a command, a file, a sticker, an edit.
    Wordless,
    Always,
    /// With its words, where they came at once.
    Appeal(Option<&'a str>),
    /// A button of a challenge.
    Challenge {
        serial: u32,
        place: u8,
    },
}

/// `None` where it is no message of a person to the bot.
pub(super) fn act<'a>(folder: &BotFolder, input: &'a Input) -> Option<Act<'a>> {
    let is_meant = input.chat.private || (input.chat.addressed && input.person.user_id != 0);
    if !is_meant || input.person.is_bot {
        return None;
    }
    Some(match &input.what {
        What::Text(text) => of_text(folder, text.expose()),
        What::Button { data, .. } => of_button(data),
        What::File(file) if !file.caption.expose().trim().is_empty() => {
            Act::Caption(file.caption.expose().trim())
        }
        What::File(_) | What::Contact { .. } | What::Voice | What::Edited(_) | What::OtherMessage { .. } => {
            Act::Wordless
        }
        What::Notice { .. }
        | What::ModelAnswered(_)
        | What::ReminderDue { .. }
        | What::FilesChecked(_)
        | What::DealEnded(_)
        | What::Quiet { .. }
        | What::Stopped { .. }
        | What::Joined { .. }
        | What::Costs(_)
        | What::Lifted { .. } => return None,
    })
}

fn of_text<'a>(folder: &BotFolder, text: &'a str) -> Act<'a> {
    let Some((name, words)) = command(text) else { return Act::Words(text) };
    let words = Some(words).filter(|words| !words.is_empty());
    if name == APPEAL {
        return Act::Appeal(words);
    }
    let leaves = folder.menu.command(&name).is_some_and(|command| command.action == Action::Cancel);
    match words {
        _ if leaves || ALWAYS.contains(&name.as_str()) => Act::Always,
        Some(words) => Act::Words(words),
        None => Act::Wordless,
    }
}

fn of_button(data: &str) -> Act<'_> {
    if let Some(own) = data.strip_prefix(OWN) {
        if own == APPEAL {
            return Act::Appeal(None);
        }
        let parts =
            own.split_once(':').and_then(|(serial, place)| Some((serial.parse().ok()?, place.parse().ok()?)));
        return parts.map_or(Act::Wordless, |(serial, place)| Act::Challenge { serial, place });
    }
    // What ends a flow's question has the value of the same name: `s:7:budget:cancel`.
    let (head, tail) =
        (data.split(':').next().unwrap_or_default(), data.rsplit(':').next().unwrap_or_default());
    if ALWAYS.contains(&head) || (head == "s" && tail == "cancel") { Act::Always } else { Act::Wordless }
}

pub(super) fn appeal_data() -> String {
    format!("{OWN}{APPEAL}")
}

pub(super) fn challenge_data(serial: u32, place: usize) -> String {
    format!("{OWN}{serial}:{place}")
}
