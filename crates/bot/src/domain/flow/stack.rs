//! Flows that were left for something else: the newest can be gone on with, older ones lie below it.

use crate::domain::turn::Turn;
use crate::domain::{ConversationState, FlowRun};

/// Flows left unfinished that are remembered at once.
const MOST: usize = 4;

impl ConversationState {
    /// Puts a flow on top of those that were left.
    pub(in crate::domain) fn push_paused(&mut self, run: FlowRun) {
        let newest = run.flow.clone();
        self.below.extend(self.paused.replace(run));
        // One run of a flow is enough, and nobody asks for what they cancelled and then left behind.
        self.below.retain(|run| run.flow != newest && !run.cancelled);
        while self.below.len() + 1 > MOST {
            self.below.remove(0);
        }
    }
}

impl Turn<'_> {
    /// Leaves the flow for something else; it can be resumed, unless it has nothing to lose.
    pub(in crate::domain) fn pause(&mut self) {
        let Some(run) = self.state.flow.take() else { return };
        if self.folder.flow(&run.flow).is_some_and(|flow| flow.keep) {
            self.state.push_paused(run);
        }
    }

    /// Takes the newest of the flows that were left.
    pub(super) fn pop_paused(&mut self) -> Option<FlowRun> {
        let run = self.state.paused.take()?;
        self.state.paused = self.state.below.pop();
        Some(run)
    }

    /// Brings one of the flows that were left to the top; says whether there is such a one.
    pub(super) fn lift_paused(&mut self, is_it: impl Fn(&FlowRun) -> bool) -> bool {
        if self.state.paused.as_ref().is_some_and(&is_it) {
            return true;
        }
        let Some(number) = self.state.below.iter().rposition(is_it) else { return false };
        let run = self.state.below.remove(number);
        self.state.push_paused(run);
        true
    }

    /// Forgets what was left of a flow that begins anew or has come to its end.
    pub(super) fn forget_paused(&mut self, flow: &str) {
        self.state.below.retain(|run| run.flow != flow);
        if self.state.paused.as_ref().is_some_and(|run| run.flow == flow) {
            self.state.paused = self.state.below.pop();
        }
    }
}
