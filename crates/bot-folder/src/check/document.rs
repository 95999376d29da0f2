//! `knowledge/*.md` and `prompts/*.md`.

use super::{File, Report, World, text};
use crate::yaml::Path;
use crate::{Knowledge, Prompt};

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

pub(crate) fn prompt(file: &File, prompt: &Prompt, report: &mut Report) {
    let top = Path::default();
    if prompt.title.trim().is_empty() {
        report.wrong(file, &top.key("title"), "the title is empty; write it");
    }
    if prompt.version == 0 {
        report.wrong(file, &top.key("version"), "versions count from 1");
    }
    if prompt.body.is_empty() {
        report.wrong(file, &top, "there is no text below the second `---`; write it");
    }
    for name in text::names(&prompt.body) {
        if !Prompt::PLACEHOLDERS.contains(&name) {
            let known: Vec<_> = Prompt::PLACEHOLDERS.iter().map(|name| format!("{{{name}}}")).collect();
            let message =
                format!("{{{name}}} stands for nothing; what can stand here is {}", known.join(", "));
            report.wrong(file, &top, message);
        }
    }
}
