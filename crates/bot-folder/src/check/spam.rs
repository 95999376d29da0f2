//! `spam` of `bot.yml`.

use super::{File, Report, World, text};
use crate::yaml::Path;
use crate::{Localized, Spam};

/// How many buttons a challenge has.
const BUTTONS: usize = 4;
/// Telegram's limit for the notice that answers a press.
const NOTICE: usize = 200;

pub(crate) fn spam(world: &World<'_>, file: &File, spam: &Spam, report: &mut Report) {
    let top = Path::default().key("spam");
    numbers(file, &top, spam, report);
    if !(spam.symbols.share > 0.0 && spam.symbols.share <= 1.0) {
        report.wrong(file, &top.key("symbols").key("share"), "a share lies above 0 and is 1 at most");
    }
    text::list(world, file, &top.key("keywords"), &spam.keywords, report);
    challenge(world, file, &top, spam, report);
    let texts = top.key("texts");
    for (name, text, placeholders) in spam.texts.all() {
        let limit = if name == "appeal_again" { NOTICE } else { text::MESSAGE };
        optional(world, file, &texts.key(name), text.as_ref(), limit, placeholders, report);
    }
    if spam.texts.banned.is_some() && spam.appeal_label.is_none() {
        report.wrong(
            file,
            &top.key("appeal_label"),
            "a ban can be appealed against; write what is on the button",
        );
    }
    if let Some(label) = &spam.appeal_label {
        text::label(world, file, &top.key("appeal_label"), label, report);
    }
    let greeting = spam.joins.greeting.as_ref();
    optional(world, file, &top.key("joins").key("greeting"), greeting, text::MESSAGE, &[], report);
    units(world, file, &top, spam, report);
}

fn numbers(file: &File, top: &Path, spam: &Spam, report: &mut Report) {
    for (path, value, least, most) in [
        (top.key("per_hour"), spam.per_hour, 0, 100_000),
        (top.key("per_day"), spam.per_day, 0, 1_000_000),
        (top.key("hard_times"), spam.hard_times, 0, 1_000),
        (top.key("repeats").key("times"), spam.repeats.times, 0, 10),
        (top.key("repeats").key("within_minutes"), spam.repeats.within_minutes, 1, 24 * 60),
        (top.key("symbols").key("from_chars"), spam.symbols.from_chars, 1, 4_096),
        (top.key("pause_minutes"), spam.pause_minutes, 1, 7 * 24 * 60),
        (top.key("forgive_hours"), spam.forgive_hours, 1, 24 * 365),
        (top.key("challenge").key("minutes"), spam.challenge.minutes, 1, 24 * 60),
        (top.key("joins").key("most"), spam.joins.most, 0, 100),
        (top.key("joins").key("within_seconds"), spam.joins.within_seconds, 1, 3_600),
        (top.key("joins").key("mark_minutes"), spam.joins.mark_minutes, 1, 7 * 24 * 60),
    ] {
        if !(least..=most).contains(&value) {
            report.wrong(file, &path, format!("it must be from {least} to {most}"));
        }
    }
    if spam.repeats.times == 1 {
        report.wrong(
            file,
            &top.key("repeats").key("times"),
            "once is no repetition; write 2 or more, or 0 for none",
        );
    }
}

fn challenge(world: &World<'_>, file: &File, top: &Path, spam: &Spam, report: &mut Report) {
    let (path, items) = (top.key("challenge").key("items"), &spam.challenge.items);
    if !items.is_empty() && items.len() < BUTTONS {
        report.wrong(file, &path, format!("there are {} items; a challenge needs {BUTTONS}", items.len()));
    }
    if !items.is_empty() && spam.texts.challenge.is_none() {
        let message = "nothing says what is to be pressed; write it, with {item} in it";
        report.wrong(file, &top.key("texts").key("challenge"), message);
    }
    for (i, item) in items.iter().enumerate() {
        let path = path.index(i);
        let length = item.button.encode_utf16().count();
        if item.button.trim().is_empty() || length > text::LABEL {
            let message = format!("a button has 1 to {} characters", text::LABEL);
            report.wrong(file, &path.key("button"), message);
        }
        if items[..i].iter().any(|other| other.button == item.button) {
            report.wrong(file, &path.key("button"), format!("`{}` stands twice; remove one", item.button));
        }
        text::localized(world, file, &path.key("name"), &item.name, text::LABEL, &[], report);
    }
    for (lang, text) in spam.texts.challenge.iter().flat_map(Localized::iter) {
        if !text.contains("{item}") {
            let path = top.key("texts").key("challenge").key(lang);
            report.wrong(file, &path, "nobody learns what is to be pressed; write {item} in it");
        }
    }
}

fn units(world: &World<'_>, file: &File, top: &Path, spam: &Spam, report: &mut Report) {
    let path = top.key("units");
    let wanted = spam.texts.all().iter().any(|(_, text, _)| {
        text.iter().flat_map(Localized::iter).any(|(_, text)| text::names(text).any(|name| name == "wait"))
    });
    for (name, unit) in [("minutes", &spam.units.minutes), ("hours", &spam.units.hours)] {
        optional(world, file, &path.key(name), unit.as_ref(), text::LABEL, &["n"], report);
        if wanted && unit.is_none() {
            report.wrong(
                file,
                &path.key(name),
                "a text says {wait}; write how that is said, with {n} for the number",
            );
        }
    }
}

fn optional(
    world: &World<'_>,
    file: &File,
    path: &Path,
    text: Option<&Localized>,
    limit: usize,
    placeholders: &[&str],
    report: &mut Report,
) {
    if let Some(text) = text {
        text::localized(world, file, path, text, limit, placeholders, report);
    }
}
