//! What is remembered of a turn that was answered, for an edit of it.

use super::memory::{AnsweredTurn, Part};
use crate::domain::turn::Turn;
use crate::domain::{Effect, What};

impl Turn<'_> {
    pub(in crate::domain) fn remember_turn(&mut self) {
        let message_id = self.input.message.id;
        let mut parts = match &self.input.what {
            What::Notice { .. } => return,
            What::Button { .. } => {
                self.state.turns.newest = 0;
                self.state.turns.answered = None;
                return;
            }
            What::Edited(_) | What::ModelAnswered(_) | What::Quiet { .. } => std::mem::take(&mut self.said),
            _ => {
                self.state.turns.newest = message_id;
                self.state.turns.answered = None;
                vec![Part { message_id, ..Part::default() }]
            }
        };
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
        let captured = self.effects.iter().any(|effect| matches!(effect, Effect::CaptureLead(_)));
        self.state.turns.answered = Some(AnsweredTurn { parts, source, at_ms: self.input.now_ms, captured });
    }
}
