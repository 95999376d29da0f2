//! `eval/model/*.yml` and `eval/model/baseline.json`.

use std::collections::HashSet;

use super::{File, Report, World};
use crate::yaml::Path;
use crate::{CaseScript, Category, ModelBaselines, ModelCase, ModelCases, ModelEnd};

const FACTS: [&str; 9] =
    ["name", "email", "phone", "company", "deadline", "stack", "budget", "language", "time_zone"];
/// A name is a key of the baseline and an argument of a command.
const LONGEST_NAME: usize = 80;
/// Divides a case's name from its script's in a baseline.
const BETWEEN: char = '›';

/// A case has a name of its own, a talk that ends with a question, at least one script, and something to prove.
pub(crate) fn model_cases(
    world: &World<'_>,
    file: &File,
    all: &ModelCases,
    titles: &HashSet<&str>,
    names: &mut HashSet<String>,
    report: &mut Report,
) {
    for (nth, case) in all.cases.iter().enumerate() {
        let at = Path::default().key("cases").index(nth);
        name(file, &at, &case.name, names, report);
        talk(world, file, &at, case, report);
        about(file, &at, case, report);
        documents(world, file, &at, case, report);
        words(file, &at, case, report);
        let own: HashSet<&str> = case.documents.iter().map(|document| document.title.as_str()).collect();
        for (nth, title) in case.expect.cites.iter().enumerate() {
            let is_known = own.contains(title.as_str()) || titles.contains(title.as_str());
            if world.faq.is_some() && !is_known {
                let message = format!("no document and no question of the FAQ is called `{title}`");
                report.wrong(file, &at.key("expect").key("cites").index(nth), message);
            }
        }
        scripts(file, &at, case, report);
    }
}

fn name(file: &File, at: &Path, name: &str, names: &mut HashSet<String>, report: &mut Report) {
    let fits = !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains(BETWEEN);
    if !fits {
        let message = format!("a name is 1 to {LONGEST_NAME} letters long, without `{BETWEEN}`");
        report.wrong(file, &at.key("name"), message);
    } else if !names.insert(name.to_owned()) {
        report.wrong(file, &at.key("name"), format!("another case is called `{name}`; rename one"));
    }
}

fn talk(world: &World<'_>, file: &File, at: &Path, case: &ModelCase, report: &mut Report) {
    if !world.langs.is_empty() && !world.langs.contains(&case.language) {
        let message = format!("`{}` is not among the bot's languages", case.language);
        report.wrong(file, &at.key("language"), message);
    }
    let at = at.key("talk");
    for (nth, turn) in case.talk.iter().enumerate() {
        if turn.person.is_some() == turn.bot.is_some() || turn.said().1.trim().is_empty() {
            report.wrong(file, &at.index(nth), "write what was said, by exactly one of `person` and `bot`");
        }
    }
    if !case.talk.last().is_some_and(|turn| turn.said().0) {
        report.wrong(file, &at, "the last is what the person asks; write it");
    }
}

fn about(file: &File, at: &Path, case: &ModelCase, report: &mut Report) {
    let is_adversarial = case.category == Category::Adversarial;
    if is_adversarial && case.attack.is_none() {
        report.wrong(file, at, "an adversarial case says what is tried: `attack`");
    } else if !is_adversarial && case.attack.is_some() {
        report.wrong(file, &at.key("attack"), "only an adversarial case has one; remove it");
    }
    for kind in case.facts.keys().filter(|kind| !FACTS.contains(&kind.as_str())) {
        let message = format!("`{kind}` is none of {}", FACTS.join(", "));
        report.wrong(file, &at.key("facts").key(kind), message);
    }
}

fn documents(world: &World<'_>, file: &File, at: &Path, case: &ModelCase, report: &mut Report) {
    for (nth, document) in case.documents.iter().enumerate() {
        let at = at.key("documents").index(nth);
        for (field, text) in [("title", &document.title), ("text", &document.text)] {
            if text.trim().is_empty() {
                report.wrong(file, &at.key(field), "it is empty; write it or remove the document");
            }
        }
        if let Some(language) =
            document.language.filter(|l| !world.langs.is_empty() && !world.langs.contains(l))
        {
            let message = format!("`{language}` is not among the bot's languages");
            report.wrong(file, &at.key("language"), message);
        }
    }
}

fn words(file: &File, at: &Path, case: &ModelCase, report: &mut Report) {
    let (expect, shown) = (&case.expect, &case.shown);
    for (part, field, list) in [
        ("expect", "all", &expect.all),
        ("expect", "any", &expect.any),
        ("expect", "none", &expect.none),
        ("shown", "all", &shown.all),
        ("shown", "none", &shown.none),
    ] {
        for (nth, text) in list.iter().enumerate() {
            if text.split('…').all(|piece| piece.trim().is_empty()) {
                report.wrong(
                    file,
                    &at.key(part).key(field).index(nth),
                    "this proves nothing; write some words",
                );
            }
        }
    }
    for (field, most) in [("most_dollars", expect.most_dollars), ("most_seconds", expect.most_seconds)] {
        if most.is_some_and(|most| !most.is_finite() || most <= 0.0) {
            report.wrong(file, &at.key("expect").key(field), "write a number above 0");
        }
    }
    let proves_answer = !(expect.all.is_empty() && expect.any.is_empty() && expect.cites.is_empty());
    if expect.outcome.is_some_and(|end| end != ModelEnd::Answered) && proves_answer {
        let message =
            "where there is no answer, nothing stands in it; remove `all`, `any` and `cites`, or the outcome";
        report.wrong(file, &at.key("expect"), message);
    }
}

fn scripts(file: &File, at: &Path, case: &ModelCase, report: &mut Report) {
    let at = at.key("scripts");
    if case.scripts.is_empty() {
        report.wrong(file, &at, "write what a provider may say to it, one script at least");
    }
    let mut names: HashSet<&str> = HashSet::new();
    for (nth, CaseScript { name, says, .. }) in case.scripts.iter().enumerate() {
        let at = at.index(nth);
        if name.trim().is_empty() || name.contains(BETWEEN) || !names.insert(name) {
            let message = format!("a script has a name of its own in its case, without `{BETWEEN}`");
            report.wrong(file, &at.key("name"), message);
        }
        if says.is_empty() {
            report.wrong(file, &at.key("says"), "write what it says, a text for each call");
        }
    }
}

/// A baseline counts no more passes than there were runs.
pub(crate) fn baselines(file: &File, baselines: &ModelBaselines, report: &mut Report) {
    for (by, baseline) in baselines {
        let at = Path::default().key(by);
        if baseline.runs == 0 {
            report.wrong(
                file,
                &at.key("runs"),
                "nothing was tried; write the file anew with --save-baseline",
            );
        }
        for (name, _) in baseline.cases.iter().filter(|(_, case)| case.passed > baseline.runs) {
            report.wrong(
                file,
                &at.key("cases").key(name).key("passed"),
                "it passed more often than it was tried",
            );
        }
    }
}
