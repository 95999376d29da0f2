//! `faq.yml`.

use std::collections::HashMap;

use super::{File, Report, World, buttons, is_id, text};
use crate::yaml::Path;
use crate::{Faq, FaqEntry};

/// Longer phrases than this are no synonyms of a word.
const SYNONYM_WORDS: usize = 4;

pub(crate) fn faq(world: &World<'_>, file: &File, faq: &Faq, report: &mut Report) {
    synonyms(world, file, faq, report);
    text::list(world, file, &Path::default().key("nothing"), &faq.nothing, report);
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
        if let Some(label) = &entry.label {
            text::label(world, file, &path.key("label"), label, report);
        }
        variants(world, file, &path.key("variants"), entry, report);
        text::list(world, file, &path.key("patterns"), &entry.patterns, report);
        text::list(world, file, &path.key("keywords"), &entry.keywords, report);
        plain(file, &path.key("patterns"), entry, report);
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

/// Patterns are words as people write them: whoever writes a regular expression is told that it is none.
fn plain(file: &File, path: &Path, entry: &FaqEntry, report: &mut Report) {
    for (lang, list) in &entry.patterns {
        for (nth, pattern) in list.iter().enumerate() {
            if let Some(mark) = mark(pattern) {
                let message = format!(
                    "`{mark}` means nothing here: a pattern is a phrase as people write it, and no regular expression; write it \
                     without, and each other way to say it as a line of its own, such as \"how much is it\" and \"what does it cost\""
                );
                report.wrong(file, &path.key(lang).index(nth), message);
            }
        }
    }
}

/// What only a regular expression has. An amount of dollars is none.
fn mark(pattern: &str) -> Option<char> {
    let next = pattern.chars().skip(1).map(Some).chain([None]);
    let marks = pattern.chars().zip(next).find(|(c, next)| {
        matches!(c, '(' | ')' | '[' | ']' | '|' | '*' | '^' | '\\')
            || *c == '$' && !next.is_some_and(|next| next.is_ascii_digit())
    });
    marks.map(|(c, _)| c)
}

fn synonyms(world: &World<'_>, file: &File, faq: &Faq, report: &mut Report) {
    let top = Path::default().key("synonyms");
    for (lang, groups) in &faq.synonyms {
        let path = top.key(lang);
        if !world.langs.is_empty() && !world.langs.contains(lang) {
            report.wrong(file, &path, format!("`{lang}` is not among the bot's languages"));
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (nth, group) in groups.iter().enumerate() {
            let path = path.index(nth);
            if group.len() < 2 {
                report.wrong(file, &path, "a group has two members or more; add one or remove the group");
            }
            for (member, phrase) in group.iter().enumerate() {
                let path = path.index(member);
                let words = phrase.split_whitespace().count();
                if !phrase.chars().any(char::is_alphanumeric) {
                    report.wrong(file, &path, "there is no word in it; write one or remove it");
                } else if words > SYNONYM_WORDS || phrase.chars().count() > 60 {
                    let message = format!("a synonym has at most {SYNONYM_WORDS} words and 60 characters");
                    report.wrong(file, &path, message);
                }
                if let Some(other) = seen.insert(phrase.trim().to_lowercase(), nth) {
                    let message = if other == nth {
                        format!("`{phrase}` stands twice in the group; remove one")
                    } else {
                        format!("`{phrase}` is also in group {other}, so it would mean both; keep one")
                    };
                    report.wrong(file, &path, message);
                }
            }
        }
    }
}

fn variants(world: &World<'_>, file: &File, path: &Path, entry: &FaqEntry, report: &mut Report) {
    let each = entry.variants.iter().map(|variant| (variant.id.as_str(), variant.weight));
    super::share::shares(file, path, each, "chats", report);
    for (nth, variant) in entry.variants.iter().enumerate() {
        let path = path.index(nth);
        text::localized(world, file, &path.key("answer"), &variant.answer, text::MESSAGE, &[], report);
    }
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn an_amount_of_dollars_is_no_mark_of_a_regular_expression() {
        assert_eq!(mark("what (do|did) you know"), Some('('));
        assert_eq!(mark("price$"), Some('$'));
        assert_eq!(mark("what can I get for $5k, e.g. a CI/CD pipeline?"), None);
        assert_eq!(mark(r"\bprice"), Some('\\'));
    }
}
