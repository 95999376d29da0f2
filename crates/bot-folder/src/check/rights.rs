//! The texts of `/mydata` and `/forget` are all there, where the menu leads to them.

use super::{File, Report, World, buttons, text};
use crate::yaml::Path;
use crate::{Action, Bot, Menu, MenuButton};

/// Telegram's limit for what stands below a file, in UTF-16 units.
const CAPTION: usize = 1024;
/// Texts that stand below a file; they have no buttons.
const CAPTIONS: [&str; 3] = ["mydata_caption", "mydata_incomplete", "forget_done"];

pub(super) fn rights(world: &World<'_>, file: &File, bot: &Bot, report: &mut Report) {
    let path = Path::default().key("texts").key("rights");
    let Some(rights) = &bot.texts.rights else {
        if world.menu.is_some_and(|menu| leads_to(menu, is_right)) {
            report.wrong(
                file,
                &path,
                "the menu has `mydata` or `forget`, which need these texts; write them",
            );
        }
        return;
    };
    for (name, say, placeholders) in rights.all() {
        let path = path.key(name);
        if CAPTIONS.contains(&name) {
            // Two of them may stand below one file.
            let limit = CAPTION / 2;
            text::localized(world, file, &path.key("text"), &say.text, limit, placeholders, report);
        } else {
            buttons::say(world, file, &path, say, placeholders, report);
        }
    }
    for (name, label) in rights.labels() {
        text::label(world, file, &path.key(name), label, report);
    }
}

const fn is_right(action: &Action) -> bool {
    matches!(action, Action::MyData | Action::Forget)
}

/// Whether a command or a button of a page does that.
pub(super) fn leads_to(menu: &Menu, is_it: impl Fn(&Action) -> bool + Copy) -> bool {
    let in_buttons = |rows: &[Vec<MenuButton>]| {
        rows.iter().flatten().filter_map(|button| button.action.as_ref()).any(is_it)
    };
    menu.commands.iter().any(|command| is_it(&command.action))
        || menu.pages.values().any(|page| in_buttons(&page.buttons))
}
