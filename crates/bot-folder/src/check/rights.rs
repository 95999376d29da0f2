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
        if world.menu.is_some_and(leads_there) {
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

fn leads_there(menu: &Menu) -> bool {
    let is_it = |action: &Action| matches!(action, Action::MyData | Action::Forget);
    let in_buttons = |rows: &[Vec<MenuButton>]| {
        rows.iter().flatten().filter_map(|button| button.action.as_ref()).any(is_it)
    };
    menu.commands.iter().any(|command| is_it(&command.action))
        || menu.pages.values().any(|page| in_buttons(&page.buttons))
}
