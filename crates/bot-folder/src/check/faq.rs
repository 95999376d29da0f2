//! `faq.yml`.

use std::collections::HashMap;

use super::{File, Report, World, buttons, is_id, text};
use crate::Faq;
use crate::yaml::Path;

pub(crate) fn faq(world: &World<'_>, file: &File, faq: &Faq, report: &mut Report) {
    let entries = Path::default().key("entries");
    let mut phrases: HashMap<String, &str> = HashMap::new();
    for (i, entry) in faq.entries.iter().enumerate() {
        let path = entries.index(i);
        if !is_id(&entry.id, 40) {
            report.wrong(file, &path.key("id"), "an id is 1 to 40 of a-z 0-9 - _");
        }
        if faq.entries[..i].iter().any(|other| other.id == entry.id) {
            report.wrong(file, &path.key("id"), format!("`{}` stands twice; rename one", entry.id));
        }
        if !is_id(&entry.category, 40) {
            report.wrong(file, &path.key("category"), "a category is 1 to 40 of a-z 0-9 - _");
        }
        text::localized(world, file, &path.key("question"), &entry.question, 300, &[], report);
        text::localized(world, file, &path.key("answer"), &entry.answer, text::MESSAGE, &[], report);
        text::list(world, file, &path.key("patterns"), &entry.patterns, report);
        text::list(world, file, &path.key("keywords"), &entry.keywords, report);
        buttons::buttons(world, file, &path.key("buttons"), &entry.buttons, report);
        for (kind, list) in [("patterns", &entry.patterns), ("keywords", &entry.keywords)] {
            for (lang, list) in list {
                for (p, phrase) in list.iter().enumerate() {
                    let folded = phrase.trim().to_lowercase();
                    if let Some(other) = phrases.insert(format!("{kind} {lang} {folded}"), &entry.id)
                        && other != entry.id
                    {
                        let message =
                            format!("`{phrase}` is also in `{other}`, so neither is sure; keep one");
                        report.wrong(file, &path.key(kind).key(lang).index(p), message);
                    }
                }
            }
        }
    }
}
