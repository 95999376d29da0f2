//! The way through a flow that the answers given so far make.

use bot_folder::{Flow, Goal, Money};

use super::score;
use crate::domain::FlowRun;

/// The way from the first step to the first that has no answer yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walk {
    /// Numbers of the steps on the way that are answered, in order.
    pub(super) passed: Vec<usize>,
    /// What comes then.
    pub(super) next: Goal,
}

/// Follows the answers. Only forward, so that it ends whatever the folder says.
pub(super) fn walk(flow: &Flow, run: &FlowRun, money: &Money) -> Walk {
    let mut passed = Vec::with_capacity(flow.steps.len());
    let mut at = 0;
    loop {
        let Some(step) = flow.steps.get(at) else { return Walk { passed, next: Goal::Done } };
        let Some(given) = run.answer(&step.id) else { return Walk { passed, next: Goal::Step(at) } };
        passed.push(at);
        let holds =
            |branch: &&bot_folder::Branch| score::holds(&branch.condition, step, &given.answer, money);
        let branch = step.branches.iter().find(holds);
        match branch.and_then(|branch| flow.goal(&branch.go)).unwrap_or_else(|| flow.after(at)) {
            Goal::Step(next) if next > at => at = next,
            Goal::Step(_) => at += 1,
            next => return Walk { passed, next },
        }
    }
}
