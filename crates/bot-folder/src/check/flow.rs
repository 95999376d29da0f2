//! `flows/*.yml`: steps are found, branches go forward, rules fit what they look at, a lead can be called
//! back and can become hot.

use super::bot::is_currency;
use super::buttons::DATA_BYTES;
use super::{File, Report, World, buttons, is_id, text, ways};
use crate::yaml::Path;
use crate::{Condition, Flow, FlowStep, LeadRules, StepInput};

/// The most a question's serial number and its separators take of a button's data.
const PREFIX_BYTES: usize = 16;
const RESERVED: [&str; 5] = ["done", "cancel", "skip", "other", "telegram"];

pub(crate) fn flow(world: &World<'_>, file: &File, flow: &Flow, report: &mut Report) {
    let top = Path::default();
    if !is_id(&flow.id, 24) {
        report.wrong(file, &top, "a flow's file name is 1 to 24 of a-z 0-9 - _, then .yml; rename the file");
    }
    text::label(world, file, &top.key("title"), &flow.title, report);
    if let Some(intro) = &flow.intro {
        text::localized(world, file, &top.key("intro"), intro, 1_000, &[], report);
    }
    said(world, file, flow, report);
    let steps = top.key("steps");
    if flow.steps.is_empty() && file.is_whole() {
        report.wrong(file, &steps, "a flow has at least one step; add it");
    }
    for (i, step) in flow.steps.iter().enumerate() {
        let path = steps.index(i);
        if !is_id(&step.id, 24) {
            report.wrong(file, &path.key("id"), "a step's id is 1 to 24 of a-z 0-9 - _");
        } else if RESERVED.contains(&step.id.as_str()) {
            report.wrong(
                file,
                &path.key("id"),
                format!("`{}` has a meaning of its own; rename the step", step.id),
            );
        }
        if flow.steps[..i].iter().any(|other| other.id == step.id) {
            report.wrong(file, &path.key("id"), format!("`{}` stands twice; rename one", step.id));
        }
        self::step(world, file, &path, step, report);
        ways::branches(world, file, &path.key("branches"), flow, i, report);
    }
    ways::reached(file, flow, report);
    if flow.in_groups == Some(true) && flow.is_personal() {
        let message =
            "a flow that asks for a contact or files, or makes a lead, runs in private only; remove this";
        report.wrong(file, &top.key("in_groups"), message);
    }
    if let Some(rules) = &flow.lead
        && file.is_whole()
    {
        lead(file, &top.key("lead"), flow, rules, report);
    }
}

/// What is said around the questions.
fn said(world: &World<'_>, file: &File, flow: &Flow, report: &mut Report) {
    let top = Path::default();
    if let Some(intro) = &flow.intro_closed {
        text::localized(world, file, &top.key("intro_closed"), intro, 1_000, &["opens"], report);
    }
    if let Some(again) = &flow.again {
        text::localized(world, file, &top.key("again"), again, 1_000, &[], report);
    }
    if let Some(intro) = &flow.intro_told {
        text::localized(world, file, &top.key("intro_told"), intro, 1_000, &["summary"], report);
    }
    if let Some(confirm) = &flow.confirm {
        text::localized(world, file, &top.key("confirm"), confirm, 2_000, &["summary"], report);
    }
    // A flow that always leads elsewhere has nothing to say at its end.
    if flow.can_be_done() || !flow.done.text.is_empty() {
        buttons::say(world, file, &top.key("done"), &flow.done, &["summary"], report);
    }
    if let Some(done) = &flow.done_closed {
        buttons::say(world, file, &top.key("done_closed"), done, &["summary", "opens"], report);
    }
    if let Some(cancelled) = &flow.cancelled {
        buttons::say(world, file, &top.key("cancelled"), cancelled, &[], report);
    }
    if let Some(reminder) = &flow.reminder {
        let path = top.key("reminder");
        text::localized(
            world,
            file,
            &path.key("text"),
            &reminder.text,
            1_000,
            &["step", "total", "flow"],
            report,
        );
        for (name, value, most) in
            [("after_hours", reminder.after_hours, 24 * 30), ("times", reminder.times, 3)]
        {
            if !(1..=most).contains(&value) {
                report.wrong(file, &path.key(name), format!("it must be from 1 to {most}"));
            }
        }
        if !flow.keep {
            report.wrong(
                file,
                &path,
                "a flow that is not kept can not be reminded of; remove this or `keep: false`",
            );
        }
    }
}

fn step(world: &World<'_>, file: &File, path: &Path, step: &FlowStep, report: &mut Report) {
    text::label(world, file, &path.key("title"), &step.title, report);
    text::list(world, file, &path.key("names"), &step.names, report);
    // The intro, a hint or a notice may stand before the question in the same message.
    text::localized(world, file, &path.key("ask"), &step.ask, 2_500, &["step", "total"], report);
    if let Some(hint) = &step.hint {
        text::localized(world, file, &path.key("hint"), hint, 500, &["limit"], report);
    }
    let input = path.key("input");
    match &step.input {
        StepInput::Choice(choice) => {
            let path = input.key("choice").key("options");
            if choice.options.len() < 2 && file.is_whole() {
                report.wrong(file, &path, "a choice has at least two options");
            }
            for (i, option) in choice.options.iter().enumerate() {
                let path = path.index(i);
                text::list(world, file, &path.key("synonyms"), &option.synonyms, report);
                for (n, other) in option.over.iter().enumerate() {
                    let known = choice.options.iter().any(|known| known.value == *other);
                    if file.is_whole() && (!known || *other == option.value) {
                        let message = format!("there is no other option `{other}`; correct the name");
                        report.wrong(file, &path.key("over").index(n), message);
                    }
                }
                text::label(world, file, &path.key("label"), &option.label, report);
                let earlier = choice.options[..i].iter().any(|other| other.value == option.value);
                value(file, &path.key("value"), step, &option.value, earlier, report);
            }
        }
        StepInput::Money(money) => {
            let path = input.key("money");
            text::localized(world, file, &path.key("currency"), &money.currency, 3, &[], report);
            for (lang, code) in money.currency.iter().filter(|(_, code)| !is_currency(code)) {
                let message = format!("`{code}` is not a currency; write its three capital letters");
                report.wrong(file, &path.key("currency").key(lang), message);
            }
            if money.ask_below.is_some_and(|least| !least.is_finite() || least <= 0.0) {
                report.wrong(file, &path.key("ask_below"), "an amount is a number above 0");
            } else if money.ask_below.is_some() && !world.asks_currency {
                let message = "the currency is asked for with `texts.hint_currency` of bot.yml, which is missing; write it";
                report.wrong(file, &path.key("ask_below"), message);
            }
            for (i, option) in money.suggestions.iter().enumerate() {
                let path = path.key("suggestions").index(i);
                text::label(world, file, &path.key("label"), &option.label, report);
                let earlier = money.suggestions[..i].iter().any(|other| other.value == option.value);
                value(file, &path.key("value"), step, &option.value, earlier, report);
                let undecided = option.amount == "undecided";
                if undecided && !money.undecided {
                    report.wrong(
                        file,
                        &path.key("amount"),
                        "`undecided` is no answer here; set `undecided: true`",
                    );
                } else if !undecided && !option.amount.chars().any(|c| c.is_ascii_digit()) {
                    report.wrong(
                        file,
                        &path.key("amount"),
                        "write an amount, such as `$5k-15k`, or `undecided`",
                    );
                }
            }
        }
        StepInput::Text(words) if words.min_chars > words.max_chars || words.max_chars > 4_000 => {
            let message = "min_chars is at most max_chars, and max_chars at most 4000";
            report.wrong(file, &input.key("text"), message);
        }
        StepInput::Menu(menu) => {
            let path = input.key("menu").key("buttons");
            if menu.buttons.iter().all(Vec::is_empty) && file.is_whole() {
                report.wrong(file, &path, "there is no button, so the person could not go on; add one");
            }
            buttons::buttons(world, file, &path, &menu.buttons, report);
        }
        StepInput::Files(files) if !(1..=20).contains(&files.max) => {
            report.wrong(file, &input.key("files").key("max"), "it must be from 1 to 20");
        }
        StepInput::Text(_)
        | StepInput::Contact(_)
        | StepInput::EmailOrPhone(_)
        | StepInput::Question(_)
        | StepInput::Files(_) => {}
    }
    for (i, rule) in step.score.iter().enumerate() {
        let path = path.key("score").index(i);
        if rule.evidence.trim().is_empty() {
            report.wrong(file, &path.key("evidence"), "an agent reads this as the reason; write it");
        }
        condition(file, &path.key("if"), step, &rule.condition, report);
    }
}

fn value(file: &File, path: &Path, step: &FlowStep, value: &str, earlier: bool, report: &mut Report) {
    if !is_id(value, 24) {
        report.wrong(file, path, "a value is 1 to 24 of a-z 0-9 - _");
    } else if RESERVED.contains(&value) {
        report.wrong(file, path, format!("`{value}` has a meaning of its own; rename the value"));
    }
    if PREFIX_BYTES + step.id.len() + value.len() > DATA_BYTES {
        report.wrong(
            file,
            path,
            format!("the step's id and the value do not fit into a button's {DATA_BYTES} bytes"),
        );
    }
    if earlier {
        report.wrong(file, path, format!("`{value}` stands twice; rename one"));
    }
}

pub(super) fn condition(
    file: &File,
    path: &Path,
    step: &FlowStep,
    condition: &Condition,
    report: &mut Report,
) {
    let fits = match condition {
        Condition::Answered => true,
        Condition::Skipped => step.skip || matches!(step.input, StepInput::Question(_)),
        Condition::Is(values) => match &step.input {
            StepInput::Choice(choice) => {
                for (i, value) in values.iter().enumerate() {
                    let other = choice.other && matches!(value.as_str(), "other" | "undecided");
                    if file.is_whole() && !other && choice.options.iter().all(|option| &option.value != value)
                    {
                        let message = format!("the step has no option `{value}`; add it or correct the name");
                        report.wrong(file, &path.key("is").index(i), message);
                    }
                }
                true
            }
            StepInput::Contact(_) | StepInput::EmailOrPhone(_) => {
                values.iter().all(|value| ["phone", "email", "telegram"].contains(&value.as_str()))
            }
            StepInput::Money(_) => values.iter().all(|value| value == "undecided"),
            StepInput::Text(_) | StepInput::Question(_) | StepInput::Menu(_) | StepInput::Files(_) => false,
        },
        Condition::AtLeast(bound) | Condition::Below(bound) => {
            matches!(step.input, StepInput::Money(_)) && bound.is_finite()
        }
        Condition::Amount => matches!(step.input, StepInput::Money(_)),
        Condition::MinChars(_) => matches!(step.input, StepInput::Text(_) | StepInput::Choice(_)),
    };
    if !fits {
        report.wrong(file, path, "this can never be true of the step's answers; choose another condition");
    }
}

fn lead(file: &File, path: &Path, flow: &Flow, rules: &LeadRules, report: &mut Report) {
    if rules.warm >= rules.hot {
        report.wrong(file, &path.key("warm"), "warm begins below hot; lower it");
    }
    let reachable =
        |step: &FlowStep| matches!(step.input, StepInput::Contact(_) | StepInput::EmailOrPhone(_));
    if !flow.steps.iter().any(reachable) {
        report.wrong(file, path, "no step asks for a contact, so nobody can call the lead back; add one");
    }
    let best = |points: &mut dyn Iterator<Item = i32>| points.max().unwrap_or(0).max(0);
    let steps: i32 = flow.steps.iter().map(|step| best(&mut step.score.iter().map(|rule| rule.points))).sum();
    let conduct: i32 = rules.behaviour.iter().map(|rule| rule.points.max(0)).sum();
    if steps.saturating_add(conduct) < rules.hot {
        let message =
            format!("the best answers make {} points, so no lead is ever hot; lower it", steps + conduct);
        report.wrong(file, &path.key("hot"), message);
    }
}
