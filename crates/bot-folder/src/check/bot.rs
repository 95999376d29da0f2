//! `bot.yml`.

use std::collections::BTreeMap;

use super::{File, Report, World, buttons, is_id, text};
use crate::yaml::Path;
use crate::{Bot, Labels};

pub(crate) fn bot(world: &World<'_>, file: &File, bot: &Bot, report: &mut Report) {
    let top = Path::default();
    if bot.name != world.name {
        report.wrong(
            file,
            &top.key("name"),
            format!("the folder is called `{}`; write that name", world.name),
        );
    } else if !is_id(&bot.name, 40) {
        report.wrong(file, &top.key("name"), "a bot's name is 1 to 40 of a-z 0-9 - _; rename the folder");
    }
    persona(world, file, bot, report);
    profile(world, file, bot, report);
    languages(file, bot, report);
    numbers(file, bot, report);
    labels(world, file, &bot.labels, report);
    if let Some(hours) = &bot.hours {
        super::hours::hours(world, file, hours, report);
    }
    let words = top.key("words");
    for (name, list) in [
        ("skip", &bot.words.skip),
        ("back", &bot.words.back),
        ("keep", &bot.words.keep),
        ("send", &bot.words.send),
        ("change", &bot.words.change),
        ("telegram", &bot.words.telegram),
        ("wish", &bot.words.wish),
    ] {
        text::list(world, file, &words.key(name), list, report);
    }
    super::spam::spam(world, file, &bot.spam, report);
    let texts = top.key("texts");
    for (name, say, placeholders) in bot.texts.all() {
        buttons::say(world, file, &texts.key(name), say, placeholders, report);
    }
    if let Some(currency) = &bot.texts.hint_currency {
        buttons::say(world, file, &texts.key("hint_currency"), currency, &["amount"], report);
    }
    let files = texts.key("files");
    for (name, text, placeholders) in bot.texts.files.all() {
        text::localized(world, file, &files.key(name), text, 300, placeholders, report);
    }
    super::rights::rights(world, file, bot, report);
    super::models::models(world, file, bot, report);
    facts(file, bot, report);
    if let Some(quota) = &bot.texts.quota {
        buttons::say(world, file, &texts.key("quota"), quota, &["resets"], report);
    }
    if let Some(costs) = &bot.texts.costs {
        let known: &[&str] = &["today", "limit", "month", "resets", "models"];
        buttons::say(world, file, &texts.key("costs").key("report"), &costs.report, known, report);
        buttons::say(world, file, &texts.key("costs").key("failed"), &costs.failed, &[], report);
    }
    let own = [
        ("stopped", &bot.texts.stopped),
        ("deal_won", &bot.texts.deal_won),
        ("deal_lost", &bot.texts.deal_lost),
    ];
    for (name, say) in own {
        if let Some(say) = say {
            buttons::say(world, file, &texts.key(name), say, &[], report);
        }
    }
    if let Some(closed) = &bot.texts.handoff_closed {
        buttons::say(world, file, &texts.key("handoff_closed"), closed, &["opens"], report);
    }
    for (name, say, placeholders) in [
        ("passed_on", &bot.texts.passed_on, ["opens"].as_slice()),
        ("frustrated", &bot.texts.frustrated, &["opens"]),
        ("others_button", &bot.texts.others_button, &[]),
        ("in_private", &bot.texts.in_private, &["flow"]),
    ] {
        if let Some(say) = say {
            buttons::say(world, file, &texts.key(name), say, placeholders, report);
        }
    }
}

/// What is read out of people's words.
fn facts(file: &File, bot: &Bot, report: &mut Report) {
    let path = Path::default().key("phone_regions");
    for (lang, list) in &bot.phone_regions {
        for (i, code) in list.iter().enumerate() {
            if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let message = format!("`{code}` is not a country; write its two capital letters");
                report.wrong(file, &path.key(lang).index(i), message);
            }
        }
    }
    let path = Path::default().key("stack");
    let mut seen = BTreeMap::new();
    for (name, words) in &bot.stack {
        for (i, word) in words.iter().enumerate() {
            let path = path.key(name).index(i);
            if !word.chars().any(char::is_alphanumeric) || word.chars().count() > 40 {
                report.wrong(file, &path, "a word for it has 1 to 40 characters; correct it");
            } else if let Some(other) = seen.insert(word.to_lowercase(), name) {
                report.wrong(file, &path, format!("`{word}` also stands for {other}; keep one"));
            }
        }
    }
}

fn persona(world: &World<'_>, file: &File, bot: &Bot, report: &mut Report) {
    let path = Path::default().key("persona");
    if bot.persona.name.trim().is_empty() {
        report.wrong(file, &path.key("name"), "the name is empty; write it");
    }
    text::localized(world, file, &path.key("role"), &bot.persona.role, 500, &[], report);
    text::localized(world, file, &path.key("tone"), &bot.persona.tone, 500, &[], report);
}

/// What Telegram shows of the bot; its limits. Each may be left out.
fn profile(world: &World<'_>, file: &File, bot: &Bot, report: &mut Report) {
    let top = Path::default();
    let other = top.key("texts").key("other_language");
    for (path, text, limit) in [
        (top.key("description"), &bot.description, 512),
        (top.key("about"), &bot.about, 120),
        (other, &bot.texts.other_language, 300),
    ] {
        if !text.is_empty() {
            text::localized(world, file, &path, text, limit, &[], report);
        }
        for (lang, _) in text.iter().filter(|(_, text)| text.contains(['{', '}'])) {
            report.wrong(file, &path.key(lang), "nothing is filled in here; write it without braces");
        }
    }
    if bot.persona.name.chars().count() > 64 {
        let path = top.key("persona").key("name");
        report.wrong(
            file,
            &path,
            "it is longer than 64 characters, which Telegram does not take; shorten it",
        );
    }
}

fn languages(file: &File, bot: &Bot, report: &mut Report) {
    let path = Path::default().key("languages");
    if bot.languages.is_empty() {
        report.wrong(file, &path, "a bot speaks at least one language; name it");
    }
    for (i, lang) in bot.languages.iter().enumerate() {
        if bot.languages[..i].contains(lang) {
            report.wrong(file, &path.index(i), format!("`{lang}` stands twice; remove one"));
        }
    }
    if !bot.languages.contains(&bot.default_language) {
        let message = format!("`{}` is not among `languages`", bot.default_language);
        report.wrong(file, &Path::default().key("default_language"), message);
    }
}

fn numbers(file: &File, bot: &Bot, report: &mut Report) {
    let (top, thresholds, limits) = (Path::default(), &bot.thresholds, &bot.limits);
    let path = top.key("thresholds");
    for (name, value) in [
        ("faq", thresholds.faq),
        ("faq_in_flow", thresholds.faq_in_flow),
        ("faq_offer", thresholds.faq_offer),
        ("handoff_below", thresholds.handoff_below),
        ("doubt_below", thresholds.doubt_below),
    ] {
        if !(0.0..=1.0).contains(&value) {
            report.wrong(file, &path.key(name), "a confidence lies between 0 and 1");
        }
    }
    if thresholds.doubt_below < thresholds.handoff_below {
        let message =
            "an answer that calls a human at once is doubtful too; it must not be below `handoff_below`";
        report.wrong(file, &path.key("doubt_below"), message);
    }
    let path = top.key("limits");
    for (name, value, most) in [
        ("model_wait_seconds", limits.model_wait_seconds, 600),
        ("model_turns", limits.model_turns, 100),
        ("handoff_after", limits.handoff_after, 100),
        ("doubts", limits.doubts, 100),
        ("flow_idle_hours", limits.flow_idle_hours, 24 * 365),
        ("flow_keep_days", limits.flow_keep_days, 365),
        ("flow_tries", limits.flow_tries, 10),
        ("file_megabytes", limits.file_megabytes, 20),
        ("files_per_day", limits.files_per_day, 1_000),
        ("forget_grace_days", limits.forget_grace_days, 365),
    ] {
        if !(1..=most).contains(&value) {
            report.wrong(file, &path.key(name), format!("it must be from 1 to {most}"));
        }
    }
    let path = top.key("turns");
    for (name, value, least, most) in bot.turns.all() {
        if !(least..=most).contains(&value) {
            report.wrong(file, &path.key(name), format!("it must be from {least} to {most}"));
        }
    }
    let path = top.key("money");
    for (path, code) in std::iter::once((path.key("base"), &bot.money.base))
        .chain(bot.money.rates.keys().map(|code| (path.key("rates").key(code), code)))
    {
        if !is_currency(code) {
            report.wrong(file, &path, format!("`{code}` is not a currency; write its three capital letters"));
        }
    }
    for (code, rate) in &bot.money.rates {
        if !(rate.is_finite() && *rate > 0.0) {
            report.wrong(file, &path.key("rates").key(code), "a rate is a number above 0");
        }
    }
}

fn labels(world: &World<'_>, file: &File, labels: &Labels, report: &mut Report) {
    let path = Path::default().key("labels");
    for (name, label) in [
        ("skip", &labels.skip),
        ("cancel", &labels.cancel),
        ("back", &labels.back),
        ("keep", &labels.keep),
        ("send", &labels.send),
        ("change", &labels.change),
        ("resume", &labels.resume),
        ("restart", &labels.restart),
        ("human", &labels.human),
        ("something_else", &labels.something_else),
        ("use_telegram", &labels.use_telegram),
        ("files_done", &labels.files_done),
        ("sources", &labels.sources),
        ("skipped", &labels.skipped),
    ] {
        text::label(world, file, &path.key(name), label, report);
    }
    for (name, label) in [("shortened", &labels.shortened), ("in_private", &labels.in_private)] {
        if let Some(label) = label {
            text::label(world, file, &path.key(name), label, report);
        }
    }
    for lang in world.langs {
        if labels.languages.get(lang).is_none_or(|name| name.trim().is_empty()) {
            report.wrong(file, &path.key("languages").key(lang), "write the language's own name");
        }
    }
}

pub(super) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}
