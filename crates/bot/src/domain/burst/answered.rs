//! What is remembered of a turn that was answered, for an edit of it.

use super::memory::{AnsweredTurn, Part};
use crate::domain::turn::Turn;
use crate::domain::{Effect, What};

impl Turn<'_> {
    /// The messages that gave the answers of the flow under way.
    pub(in crate::domain) fn messages_of_flow(&self) -> Vec<i64> {
        let answers = self.state.flow.iter().flat_map(|run| &run.answers);
        answers.map(|given| given.message_id).filter(|message_id| *message_id != 0).collect()
    }

    /// `given`: what [`Turn::messages_of_flow`] said before this step.
    pub(in crate::domain) fn remember_turn(&mut self, given: Vec<i64>) {
        let message_id = self.input.message.id;
        let captured = self.effects.iter().any(|effect| matches!(effect, Effect::CaptureLead(_)));
        let mut parts = match &self.input.what {
            What::Notice { .. }
            | What::ReminderDue { .. }
            | What::FilesChecked(_)
            | What::DealEnded(_)
            | What::Stopped { .. } => return,
            What::Button { .. } => {
                self.state.turns.newest = given.last().copied().filter(|_| captured).unwrap_or(0);
                self.state.turns.answered = None;
                Vec::new()
            }
            What::Edited(_) | What::ModelAnswered(_) | What::Quiet { .. } => std::mem::take(&mut self.said),
            _ => {
                self.state.turns.newest = message_id;
                self.state.turns.answered = None;
                vec![Part { message_id, ..Part::default() }]
            }
        };
        if captured {
            // None of what was sent can be taken back by an edit.
            let part = |message_id| Part { message_id, ..Part::default() };
            parts.splice(..0, given.into_iter().map(part));
        }
        let source = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Send(message) => Some(message.source),
            _ => None,
        });
        let newest = self.state.turns.newest;
        let is_newest = newest != 0 && parts.last().is_some_and(|part| part.message_id == newest);
        let Some(source) = source.filter(|_| is_newest) else { return };
        if let [part] = parts.as_mut_slice() {
            // Its edit brings all its words.
            part.text = ids::Pii::default();
        }
        self.state.turns.answered = Some(AnsweredTurn { parts, source, at_ms: self.input.now_ms, captured });
    }
}
