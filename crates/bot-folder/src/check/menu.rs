//! `menu.yml`.

use super::{File, Report, World, buttons, is_id, text};
use crate::yaml::Path;
use crate::{Action, Menu};

pub(crate) fn menu(world: &World<'_>, file: &File, menu: &Menu, report: &mut Report) {
    let pages = Path::default().key("pages");
    for (id, page) in &menu.pages {
        let path = pages.key(id);
        if !is_id(id, 40) {
            report.wrong(file, &path, "a page's name is 1 to 40 of a-z 0-9 - _");
        }
        buttons::say(world, file, &path, page, &[], report);
    }
    let commands = Path::default().key("commands");
    for (i, command) in menu.commands.iter().enumerate() {
        let path = commands.index(i);
        if !is_id(&command.name, 32) || command.name.contains('-') {
            report.wrong(file, &path.key("name"), "a command is 1 to 32 of a-z 0-9 _, without the slash");
        }
        if menu.commands[..i].iter().any(|other| other.name == command.name) {
            report.wrong(file, &path.key("name"), format!("`{}` stands twice; remove one", command.name));
        }
        text::localized(world, file, &path.key("description"), &command.description, 256, &[], report);
        buttons::action(world, file, &path.key("action"), &command.action, report);
        text::list(world, file, &path.key("phrases"), &command.phrases, report);
        if let Some(page) =
            command.in_flow.as_ref().filter(|page| !menu.pages.contains_key(*page) && file.is_whole())
        {
            let message = format!("menu.yml has no page `{page}`; add it or correct the name");
            report.wrong(file, &path.key("in_flow"), message);
        }
    }
    if !file.is_whole() {
        return;
    }
    if menu.command("start").is_none() {
        report.wrong(
            file,
            &commands,
            "there is no command `start`; it is the first thing every person sends",
        );
    }
    if !world.flow_ids.is_empty() && menu.commands.iter().all(|command| command.action != Action::Cancel) {
        report.wrong(
            file,
            &commands,
            "no command has the action `cancel`, so there is no way out of a flow; add one",
        );
    }
}
