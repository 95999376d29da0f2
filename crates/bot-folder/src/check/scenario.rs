use super::{File, Report, World};
use crate::yaml::Path;
use crate::{ModelSays, Scenario, Scenarios};

/// A scenario is played in milliseconds.
const MOST_TIMES: u32 = 10_000;
const SOURCES: [&str; 6] = ["command", "flow", "faq", "model", "offline", "canned"];
const REASONS: [&str; 7] =
    ["asked", "low_confidence", "model_failed", "model_asked", "frustrated", "large_lead", "appeal"];
const STEPS: [&str; 8] =
    ["warned", "challenged", "passed", "paused", "banned", "appealed", "lifted", "nothing"];
const TEMPERATURES: [&str; 3] = ["hot", "warm", "cold"];

pub(crate) fn scenarios(
    world: &World<'_>,
    file: &File,
    all: &Scenarios,
    names: &mut Vec<String>,
    report: &mut Report,
) {
    for (nth, scenario) in all.scenarios.iter().enumerate() {
        let at = Path::default().key("scenarios").index(nth);
        if scenario.name.trim().is_empty() || names.contains(&scenario.name) {
            report.wrong(file, &at.key("name"), "a scenario has a name of its own; give it one");
        }
        names.push(scenario.name.clone());
        one(world, file, scenario, &at, report);
    }
}

fn one(world: &World<'_>, file: &File, scenario: &Scenario, at: &Path, report: &mut Report) {
    if scenario.begins.is_some() && scenario.begins_at().is_none() {
        report.wrong(file, &at.key("begins"), "write a day and a time, such as 2026-12-05 21:30");
    }
    if scenario.talk.is_empty() {
        report.wrong(file, &at.key("talk"), "nothing happens; write what the person does");
    }
    for (nth, moment) in scenario.talk.iter().enumerate() {
        let at = at.key("talk").index(nth);
        if moment.acts() != 1 {
            let message = "exactly one thing happens at a time: says, presses, presses_old, shares_contact, sends, \
                           edits, model, model_late, waits_hours, waits_days, solves or admin_lifts";
            report.wrong(file, &at, message);
        }
        let people = scenario.group.iter().flatten();
        if let Some(by) = moment.by.as_ref().filter(|by| people.clone().all(|(name, _)| name != *by)) {
            let message =
                format!("there is nobody called `{by}` in the `group`; add them or correct the name");
            report.wrong(file, &at.key("by"), message);
        }
        if moment.times > MOST_TIMES {
            report.wrong(file, &at.key("times"), format!("it can happen {MOST_TIMES} times at most"));
        }
        if moment.silence
            && (moment.hears.is_some() || !moment.buttons.is_empty() || moment.answered_by.is_some())
        {
            report.wrong(
                file,
                &at.key("silence"),
                "something can not be heard in silence; remove one of them",
            );
        }
        for (field, both) in [
            ("no_lead", moment.no_lead && moment.lead.is_some()),
            ("no_handoff", moment.no_handoff && moment.handoff.is_some()),
        ] {
            if both {
                report.wrong(
                    file,
                    &at.key(field),
                    "it can not be both there and not there; remove one of them",
                );
            }
        }
        for (field, text) in [
            ("hears", &moment.hears),
            ("never_hears", &moment.never_hears),
            ("model_hears", &moment.model_hears),
            ("notice", &moment.notice),
        ] {
            if text.as_ref().is_some_and(|text| text.split('…').all(|piece| piece.trim().is_empty())) {
                report.wrong(file, &at.key(field), "this proves nothing; write some words");
            }
        }
        let mut known = |field: &str, value: Option<&String>, list: &[&str]| {
            if let Some(value) = value.filter(|value| !list.contains(&value.as_str())) {
                let message = format!("`{value}` is none of {}", list.join(", "));
                report.wrong(file, &at.key(field), message);
            }
        };
        known("answered_by", moment.answered_by.as_ref(), &SOURCES);
        known("handoff", moment.handoff.as_ref(), &REASONS);
        known("limit", moment.limit.as_ref(), &STEPS);
        if let Some(ModelSays::Judged(said)) = &moment.model
            && !(0.0..=1.0).contains(&said.confidence)
        {
            report.wrong(file, &at.key("model"), "a confidence lies between 0 and 1");
        }
        if let Some(lead) = &moment.lead
            && let Some(value) =
                lead.temperature.as_ref().filter(|value| !TEMPERATURES.contains(&value.as_str()))
        {
            let message = format!("`{value}` is none of {}", TEMPERATURES.join(", "));
            report.wrong(file, &at.key("lead").key("temperature"), message);
        }
        if let Some(place) = moment.at.as_ref().filter(|place| *place != "nowhere") {
            let flow = place.split_once('/').map(|(flow, _)| flow);
            if flow.is_none_or(|flow| !world.flow_ids.iter().any(|id| id == flow)) {
                report.wrong(file, &at.key("at"), "write FLOW/STEP with a flow of this bot, or `nowhere`");
            }
        }
    }
}
