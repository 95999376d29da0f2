//! The texts of `/model` are all there, where the menu leads to it.

use super::rights::leads_to;
use super::{File, Report, World, buttons, text};
use crate::yaml::Path;
use crate::{Action, Bot};

pub(super) fn models(world: &World<'_>, file: &File, bot: &Bot, report: &mut Report) {
    let path = Path::default().key("texts").key("models");
    let Some(models) = &bot.texts.models else {
        let is_it = |action: &Action| matches!(action, Action::Model | Action::SetModel(_));
        if world.menu.is_some_and(|menu| leads_to(menu, is_it)) {
            report.wrong(file, &path, "the menu has `model`, which needs these texts; write them");
        }
        return;
    };
    for (name, say, placeholders) in [
        ("choose", &models.choose, ["model"].as_slice()),
        ("set", &models.set, &["model"]),
        ("unset", &models.unset, &[]),
        ("unknown", &models.unknown, &["models"]),
    ] {
        buttons::say(world, file, &path.key(name), say, placeholders, report);
    }
    text::label(world, file, &path.key("auto"), &models.auto, report);
}
