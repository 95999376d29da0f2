//! `knowledge/*.md`.

use super::{File, Report, World};
use crate::Knowledge;
use crate::yaml::Path;

pub(crate) fn knowledge(world: &World<'_>, file: &File, document: &Knowledge, report: &mut Report) {
    let top = Path::default();
    if document.title.trim().is_empty() {
        report.wrong(file, &top.key("title"), "the title is empty; people see it as the source of an answer");
    }
    if !world.langs.is_empty() && !world.langs.contains(&document.language) {
        let message = format!("`{}` is not among the bot's languages", document.language);
        report.wrong(file, &top.key("language"), message);
    }
    if document.body.is_empty() {
        report.wrong(file, &top, "there is no text below the second `---`; write it or remove the file");
    }
}
