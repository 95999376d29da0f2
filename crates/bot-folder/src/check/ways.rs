//! The ways through flows: branches lead somewhere and forward, every step is come to, every flow can end.

use super::buttons::action;
use super::flow::condition;
use super::{File, Report, World};
use crate::yaml::Path;
use crate::{Action, Flow, Goal, StepInput};

pub(super) fn branches(
    world: &World<'_>,
    file: &File,
    path: &Path,
    flow: &Flow,
    number: usize,
    report: &mut Report,
) {
    let step = &flow.steps[number];
    if matches!(step.input, StepInput::Menu(_)) && !step.branches.is_empty() {
        report.wrong(file, path, "a menu ends the flow, its buttons lead on; remove the branches");
    }
    for (i, branch) in step.branches.iter().enumerate() {
        let path = path.index(i);
        condition(file, &path.key("if"), step, &branch.condition, report);
        let path = path.key("go");
        match flow.goal(&branch.go) {
            Some(Goal::Step(target)) if target > number || !file.is_whole() => {}
            // Going back would let a conversation go round and never end.
            Some(Goal::Step(_)) => report.wrong(file, &path, "a branch goes to a later step, or to `done`"),
            Some(Goal::Action(goal)) => action(world, file, &path, &goal, report),
            Some(Goal::Done) => {}
            None if file.is_whole() => {
                let message = format!(
                    "there is no step `{}`; add it or correct the name, or write `done`, `flow:FLOW`, `show:PAGE`, \
                     `faq:ID`, `ask` or `human`",
                    branch.go
                );
                report.wrong(file, &path, message);
            }
            None => {}
        }
    }
}

/// That each step can be come to.
pub(super) fn reached(file: &File, flow: &Flow, report: &mut Report) {
    if !file.is_whole() {
        return;
    }
    let steps = Path::default().key("steps");
    for (number, reached) in flow.reached().into_iter().enumerate() {
        if !reached {
            let message = format!(
                "no way leads to `{}`: every answer to the steps before it goes elsewhere; add a branch or remove the step",
                flow.steps[number].id
            );
            report.wrong(file, &steps.index(number).key("id"), message);
        }
    }
}

/// That each flow can end, be it through others that it leads into.
pub(crate) fn ends(world: &World<'_>, flows: &[(File, Flow)], report: &mut Report) {
    if flows.iter().any(|(file, _)| !file.is_whole()) {
        return;
    }
    let mut ending: Vec<bool> = vec![false; flows.len()];
    loop {
        let known = ending.clone();
        for (number, (_, flow)) in flows.iter().enumerate() {
            ending[number] = ending[number] || can_end(world, flows, &known, flow);
        }
        if ending == known {
            break;
        }
    }
    for ((file, flow), ends) in flows.iter().zip(ending) {
        if !ends && !flow.steps.is_empty() {
            let message = "this flow can not end: every way through it leads into flows that lead back; let one way \
                           go to `done`";
            report.wrong(file, &Path::default().key("steps"), message);
        }
    }
}

fn can_end(world: &World<'_>, flows: &[(File, Flow)], ending: &[bool], flow: &Flow) -> bool {
    // A way that leads nowhere is a mistake of its own.
    if flow.steps.iter().flat_map(|step| &step.branches).any(|branch| flow.goal(&branch.go).is_none()) {
        return true;
    }
    let reached = flow.reached();
    let ends = |goal: Goal| match goal {
        Goal::Step(_) => false,
        Goal::Done => true,
        Goal::Action(action) => match into_flow(world, &action) {
            // One that is not there is a mistake of its own.
            Some(id) => flows
                .iter()
                .position(|(_, other)| other.id == id)
                .is_none_or(|number| ending.get(number) == Some(&true)),
            None => true,
        },
    };
    flow.steps.iter().enumerate().filter(|(number, _)| reached[*number]).any(|(number, step)| {
        matches!(step.input, StepInput::Menu(_)) || flow.ways_on(number).into_iter().any(ends)
    })
}

/// The flow that an action enters.
fn into_flow<'a>(world: &World<'a>, action: &'a Action) -> Option<&'a str> {
    match action {
        Action::Flow(id) => Some(id),
        Action::Human => world.leads_to?.human.as_deref(),
        Action::Ask => world.leads_to?.ask.as_deref(),
        _ => None,
    }
}
