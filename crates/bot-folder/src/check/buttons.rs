//! Buttons: they lead somewhere, their labels are short and their data fits Telegram's 64 bytes.

use super::{File, Report, World, text};
use crate::yaml::Path;
use crate::{Action, MenuButton, Say};

/// Telegram's limit for a button's data.
pub(crate) const DATA_BYTES: usize = 64;
const PER_ROW: usize = 8;
const PER_MESSAGE: usize = 60;

/// A text with its buttons.
pub(crate) fn say(
    world: &World<'_>,
    file: &File,
    path: &Path,
    say: &Say,
    placeholders: &[&str],
    report: &mut Report,
) {
    text::localized(world, file, &path.key("text"), &say.text, text::MESSAGE, placeholders, report);
    buttons(world, file, &path.key("buttons"), &say.buttons, report);
}

pub(crate) fn buttons(
    world: &World<'_>,
    file: &File,
    path: &Path,
    rows: &[Vec<MenuButton>],
    report: &mut Report,
) {
    let count: usize = rows.iter().map(Vec::len).sum();
    if count > PER_MESSAGE {
        report.wrong(
            file,
            path,
            format!("there are {count} buttons; at most {PER_MESSAGE} fit below a message"),
        );
    }
    for (r, row) in rows.iter().enumerate() {
        let path = path.index(r);
        if row.len() > PER_ROW {
            report.wrong(file, &path, format!("the row has {} buttons; at most {PER_ROW} fit", row.len()));
        }
        for (b, button) in row.iter().enumerate() {
            one(world, file, &path.index(b), button, report);
        }
    }
}

fn one(world: &World<'_>, file: &File, path: &Path, button: &MenuButton, report: &mut Report) {
    text::label(world, file, &path.key("label"), &button.label, report);
    match (&button.action, &button.url) {
        (Some(action), None) => self::action(world, file, &path.key("action"), action, report),
        (None, Some(url)) if !["https://", "tg://"].iter().any(|scheme| url.starts_with(scheme)) => {
            report.wrong(file, &path.key("url"), "an address begins with https:// or tg://");
        }
        (None, Some(_)) => {}
        (None, None) => report.wrong(file, path, "the button does nothing; give it an `action` or a `url`"),
        (Some(_), Some(_)) => {
            report.wrong(file, path, "a button has an `action` or a `url`, not both; remove one");
        }
    }
}

/// That what an action names is there.
pub(crate) fn action(world: &World<'_>, file: &File, path: &Path, action: &Action, report: &mut Report) {
    let data = action.to_string();
    if data.len() > DATA_BYTES {
        let message = format!("`{data}` has {} bytes; at most {DATA_BYTES} fit into a button", data.len());
        report.wrong(file, path, message);
    }
    let missing = match action {
        Action::Show(page) => {
            world.menu.is_some_and(|menu| !menu.pages.contains_key(page)).then_some("menu.yml has no page")
        }
        Action::Flow(flow) => (!world.flow_ids.contains(flow)).then_some("there is no file in flows/ for"),
        Action::Faq(id) => world
            .faq
            .is_some_and(|faq| faq.entries.iter().all(|entry| &entry.id != id))
            .then_some("faq.yml has no entry"),
        Action::SetLanguage(lang) => {
            (!world.langs.is_empty() && !world.langs.contains(lang)).then_some("the bot does not speak")
        }
        _ => None,
    };
    if let Some(missing) = missing {
        let name = data.split_once(':').map_or("", |(_, name)| name);
        report.wrong(file, path, format!("{missing} `{name}`; add it or correct the name"));
    }
}
