//! Texts: there in every language, not empty, short enough for Telegram, with placeholders that exist.

use super::{File, Report, World};
use crate::yaml::Path;
use crate::{Localized, LocalizedList};

/// Telegram's limit for one message, in UTF-16 units.
pub(crate) const MESSAGE: usize = 4096;
/// Longer labels are cut by telephones.
pub(crate) const LABEL: usize = 40;

/// Placeholders every text may use.
pub(crate) const GENERAL: [&str; 3] = ["name", ", name", "bot"];

/// Checks a text of at most `limit` UTF-16 units that may use `placeholders` beside the general ones.
pub(crate) fn localized(
    world: &World<'_>,
    file: &File,
    path: &Path,
    text: &Localized,
    limit: usize,
    placeholders: &[&str],
    report: &mut Report,
) {
    for lang in world.langs {
        if !text.has(*lang) {
            report.wrong(file, &path.key(lang), format!("there is no text in `{lang}`; add it"));
        }
    }
    for (lang, text) in text.iter() {
        let path = path.key(lang);
        known_language(world, file, &path, lang, report);
        one(file, &path, text, limit, placeholders, report);
    }
}

/// A label of a button.
pub(crate) fn label(world: &World<'_>, file: &File, path: &Path, text: &Localized, report: &mut Report) {
    localized(world, file, path, text, LABEL, &[], report);
}

pub(crate) fn list(world: &World<'_>, file: &File, path: &Path, list: &LocalizedList, report: &mut Report) {
    for (lang, phrases) in list {
        let path = path.key(lang);
        known_language(world, file, &path, *lang, report);
        for (i, phrase) in phrases.iter().enumerate() {
            if !phrase.chars().any(char::is_alphanumeric) {
                report.wrong(file, &path.index(i), "there is no word in it; write one or remove it");
            } else if phrase.chars().count() > 200 {
                report.wrong(file, &path.index(i), "it is longer than 200 characters; shorten it");
            }
        }
    }
}

fn known_language(world: &World<'_>, file: &File, path: &Path, lang: crate::Lang, report: &mut Report) {
    if !world.langs.is_empty() && !world.langs.contains(&lang) {
        report.wrong(
            file,
            path,
            format!("`{lang}` is not among the bot's languages; add it to bot.yml or remove it"),
        );
    }
}

fn one(file: &File, path: &Path, text: &str, limit: usize, placeholders: &[&str], report: &mut Report) {
    if text.trim().is_empty() {
        return report.wrong(file, path, "the text is empty; write it");
    }
    let length = text.encode_utf16().count();
    if length > limit {
        report.wrong(file, path, format!("the text has {length} characters; at most {limit} fit"));
    }
    for name in names(text) {
        if !GENERAL.contains(&name) && !placeholders.contains(&name) {
            let known: Vec<_> =
                GENERAL.iter().chain(placeholders).map(|name| format!("{{{name}}}")).collect();
            let known = known.join(", ");
            report.wrong(
                file,
                path,
                format!("{{{name}}} stands for nothing here; what can stand here is {known}"),
            );
        }
    }
}

/// What stands in braces.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default())
}
