//! `prompts/*.md`, what `bot.yml` says for their variables, and `experiments.yml`: whatever a model may be told can be
//! filled in, whichever template and variant it is.

use std::collections::BTreeMap;

use super::share::shares;
use super::{File, Report, World, is_id, text};
use crate::document::place;
use crate::yaml::{At, Path};
use crate::{Bot, Experiment, Experiments, Localized, Prompt, PromptContext, composed};

/// UTF-16 units of a value: some sentences, no second prompt.
const VALUE: usize = 2_000;

/// A prompt that has been read, and where its text begins in the file.
pub(crate) struct PromptFile {
    pub(crate) file: File,
    pub(crate) prompt: Prompt,
    pub(crate) body_at: At,
}

/// All prompts of a folder. `bot` is `None` where `bot.yml` could not be read.
pub(crate) fn prompts(
    world: &World<'_>,
    prompts: &[PromptFile],
    bot: Option<(&File, &Bot)>,
    report: &mut Report,
) {
    for one in prompts {
        prompt(world, one, report);
        if let Some((_, bot)) = bot {
            required(one, &bot.prompt_variables, report);
        }
    }
    let Some((file, bot)) = bot else { return };
    let path = Path::default().key("prompt_variables");
    for (name, told) in &bot.prompt_variables {
        let own = prompts.iter().map(|one| &one.prompt);
        if !own.chain(composed::defaults()).any(|prompt| prompt.variables.contains_key(name)) {
            let message = format!("no prompt has a variable `{name}`; declare it there or remove it here");
            report.wrong(file, &path.key(name), message);
        }
        value(world, file, &path.key(name), told, report);
    }
}

fn prompt(world: &World<'_>, one: &PromptFile, report: &mut Report) {
    let PromptFile { file, prompt, body_at } = one;
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
    if prompt.id == PromptContext::Base.as_str() {
        report.whole(file.name(), "the base of a bot's prompts is prompts/system.md; rename the file");
    }
    if !prompt.id.splitn(2, '.').all(|part| is_id(part, 40)) {
        let message = "a prompt's file is called `NAME.md`, a variant's `NAME.VARIANT.md`, of a-z 0-9 - _";
        report.whole(file.name(), message);
    }
    for (name, variable) in &prompt.variables {
        let path = top.key("variables").key(name);
        if !is_id(name, 40) {
            report.wrong(file, &path, "a variable's name is 1 to 40 of a-z 0-9 - _");
        }
        if Prompt::PLACEHOLDERS.contains(&name.as_str()) {
            report.wrong(file, &path, format!("{{{name}}} is filled in by itself; call yours otherwise"));
        }
        if !text::names(&prompt.body).any(|used| used == name) {
            report.wrong(file, &path, format!("{{{name}}} stands nowhere in the text; use it or remove it"));
        }
        match (variable.required, variable.default.is_empty()) {
            (true, false) => {
                report.wrong(file, &path, "what is required has no default; keep one of the two");
            }
            (false, true) => {
                report.wrong(file, &path, "it has no `default` by language; write one, or `required: true`");
            }
            (false, false) => value(world, file, &path.key("default"), &variable.default, report),
            (true, true) => {}
        }
    }
    for (offset, _) in prompt.body.match_indices('{') {
        let name = text::names(&prompt.body[offset..]).next().unwrap_or_default();
        if Prompt::PLACEHOLDERS.contains(&name) || prompt.variables.contains_key(name) {
            continue;
        }
        let own = prompt.variables.keys().map(String::as_str);
        let known: Vec<_> =
            Prompt::PLACEHOLDERS.into_iter().chain(own).map(|name| format!("{{{name}}}")).collect();
        let message = format!(
            "{{{name}}} stands for nothing; declare it below `variables`, or take one of {}",
            known.join(", ")
        );
        report.at(file.name(), place(&prompt.body, offset, *body_at), "", message);
    }
}

/// What a prompt can not do without must be told in `bot.yml`.
fn required(one: &PromptFile, told: &BTreeMap<String, Localized>, report: &mut Report) {
    let required = one.prompt.variables.iter().filter(|(_, variable)| variable.required);
    for (name, _) in required.filter(|(name, _)| !told.contains_key(*name)) {
        let path = Path::default().key("variables").key(name);
        let message = format!("bot.yml has no value for `{name}`; write one below `prompt_variables`");
        report.wrong(&one.file, &path, message);
    }
}

/// A value, which the model is told as it stands.
fn value(world: &World<'_>, file: &File, path: &Path, value: &Localized, report: &mut Report) {
    text::localized(world, file, path, value, VALUE, &[], report);
    for (lang, _) in
        value.iter().filter(|(_, text)| text::names(text).any(|name| text::GENERAL.contains(&name)))
    {
        let message = "the model is told this as it stands; nothing in braces is filled in";
        report.wrong(file, &path.key(lang), message);
    }
}

/// What is tried against what. Variants are there, and each file of a variant is in an experiment. `seen` are all files.
pub(crate) fn experiments(
    told: Option<(&File, &Experiments)>,
    seen: &[String],
    prompts: &[PromptFile],
    report: &mut Report,
) {
    let mut wanted = Vec::new();
    if let Some((file, all)) = told {
        for nth in 0..all.experiments.len() {
            experiment(file, all, nth, report);
            let (experiment, path) = (&all.experiments[nth], top().index(nth).key("variants"));
            for (nth, variant) in experiment.variants.iter().enumerate() {
                let name = format!("prompts/{}.{}.md", experiment.prompt, variant.id);
                if !seen.contains(&name) {
                    let message = format!("there is no file {name}; write it");
                    report.wrong(file, &path.index(nth).key("id"), message);
                }
                wanted.push(name);
            }
        }
    }
    let is_there = seen.iter().any(|file| file == "experiments.yml");
    if is_there && !told.is_some_and(|(file, _)| file.is_whole()) {
        return;
    }
    let variants = prompts.iter().filter(|one| one.prompt.id.contains('.'));
    for one in variants.filter(|one| !wanted.iter().any(|name| name == one.file.name())) {
        let message = "no experiment of experiments.yml has this variant; name it there or remove the file";
        report.whole(one.file.name(), message);
    }
}

fn experiment(file: &File, all: &Experiments, nth: usize, report: &mut Report) {
    let (path, before) = (top().index(nth), &all.experiments[..nth]);
    let Experiment { id, prompt, variants } = &all.experiments[nth];
    if !is_id(id, 40) {
        report.wrong(file, &path.key("id"), "an id is 1 to 40 of a-z 0-9 - _");
    }
    if before.iter().any(|other| other.id == *id) {
        report.wrong(file, &path.key("id"), format!("`{id}` stands twice; rename one"));
    }
    let known = PromptContext::ALL.map(PromptContext::file);
    if !known.contains(&prompt.as_str()) {
        let message = format!("`{prompt}` is no prompt to try variants of; take one of {}", known.join(", "));
        report.wrong(file, &path.key("prompt"), message);
    }
    if before.iter().any(|other| other.prompt == *prompt) {
        let message = format!("`{prompt}` is tried in another experiment already; end one of the two");
        report.wrong(file, &path.key("prompt"), message);
    }
    if variants.is_empty() {
        report.wrong(file, &path.key("variants"), "there is no variant to try; add one");
    }
    let each = variants.iter().map(|variant| (variant.id.as_str(), variant.weight));
    shares(file, &path.key("variants"), each, "conversations", report);
}

fn top() -> Path {
    Path::default().key("experiments")
}
