//! Where a flow goes from a step.

use crate::{Action, Branch, Condition, Flow, FlowStep, StepInput};

/// What stands behind a branch's `go`, or behind the step's last line where no branch holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The number of a step of the flow.
    Step(usize),
    /// The flow's end.
    Done,
    /// Out of the flow, into what a button of this action leads to.
    Action(Action),
}

impl Flow {
    /// What a branch's `go` means; `None` where it is neither a step nor anything else.
    #[must_use]
    pub fn goal(&self, go: &str) -> Option<Goal> {
        if go == "done" {
            return Some(Goal::Done);
        }
        if let Some((number, _)) = self.step(go) {
            return Some(Goal::Step(number));
        }
        go.parse().ok().filter(leads_out).map(Goal::Action)
    }

    /// Where it goes from a step whose branches do not hold.
    #[must_use]
    pub fn after(&self, number: usize) -> Goal {
        if number + 1 < self.steps.len() { Goal::Step(number + 1) } else { Goal::Done }
    }

    /// Every way on from a step.
    #[must_use]
    pub fn ways_on(&self, number: usize) -> Vec<Goal> {
        let Some(step) = self.steps.get(number) else { return Vec::new() };
        if matches!(step.input, StepInput::Menu(_)) {
            return Vec::new();
        }
        let mut ways: Vec<Goal> = step.branches.iter().filter_map(|branch| self.goal(&branch.go)).collect();
        if step.falls_through() {
            ways.push(self.after(number));
        }
        ways
    }

    /// Whether each step can be come to, from the first.
    #[must_use]
    pub fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len()];
        let mut next = vec![0];
        while let Some(number) = next.pop() {
            match reached.get_mut(number) {
                Some(known) if !*known => *known = true,
                _ => continue,
            }
            next.extend(self.ways_on(number).into_iter().filter_map(|goal| match goal {
                Goal::Step(step) => Some(step),
                _ => None,
            }));
        }
        reached
    }

    /// Whether its end, where `done` is said, can be come to.
    #[must_use]
    pub fn can_be_done(&self) -> bool {
        let reached = self.reached();
        (0..self.steps.len()).any(|step| reached[step] && self.ways_on(step).contains(&Goal::Done))
    }
}

impl FlowStep {
    /// Whether an answer is possible for which no branch holds.
    #[must_use]
    pub fn falls_through(&self) -> bool {
        let any = |wanted: &Condition| self.branches.iter().any(|branch| branch.condition == *wanted);
        let may_be_skipped = self.skip || matches!(self.input, StepInput::Question(_));
        (may_be_skipped && !any(&Condition::Skipped)) || !(any(&Condition::Answered) || self.names_all())
    }

    /// Whether the branches name every option of a choice.
    fn names_all(&self) -> bool {
        let StepInput::Choice(choice) = &self.input else { return false };
        let named = |value: &str| self.branches.iter().any(|branch| is(branch, value));
        choice.options.iter().all(|option| named(&option.value)) && (!choice.other || named("other"))
    }
}

fn is(branch: &Branch, value: &str) -> bool {
    matches!(&branch.condition, Condition::Is(values) if values.iter().any(|named| named == value))
}

/// The actions that are somewhere to go to; the others speak of the flow that is just being left.
fn leads_out(action: &Action) -> bool {
    matches!(action, Action::Show(_) | Action::Flow(_) | Action::Faq(_) | Action::Ask | Action::Human)
}
