//! Edits: what is still being written or thought about is asked with its new words; the last thing that was
//! answered is answered again; the latest answer of a flow is corrected. What is older stays as it was answered.

use ids::Pii;

use super::memory::{Part, joined, place_of};
use super::question::due;
use crate::domain::turn::Turn;
use crate::domain::{Effect, Place, Stage};

const MINUTE_MS: i64 = 60_000;

impl Turn<'_> {
    pub(in crate::domain) fn edited(&mut self, text: &str) {
        let message_id = self.input.message.id;
        if self.edits_question(message_id, text) || self.edits_flow_answer(message_id, text) {
            return;
        }
        let found = self.state.turns.answered.take_if(|turn| place_of(&turn.parts, message_id).is_some());
        let Some(turn) = found else {
            let reason = "an older message was edited; it stays as it was answered";
            return self.effects.push(Effect::Ignore { reason });
        };
        if turn.captured {
            self.aside(&self.folder.bot.texts.edited_answer);
            self.state.turns.answered = Some(turn);
            return;
        }
        let parts = with_words(turn.parts, message_id, text);
        self.place = self.place_of_new_answer(turn.at_ms);
        self.to = parts.last().map_or(0, |part| part.message_id);
        let text = joined(&parts);
        self.said = parts;
        self.text(&text);
    }

    /// The message belongs to the newest question, which has no answer yet.
    fn edits_question(&mut self, message_id: i64, text: &str) -> bool {
        let Some(question) = self.state.pending.last_mut() else { return false };
        let Some(at) = place_of(&question.parts, message_id) else { return false };
        if question.due_ms.is_none() {
            self.place = question.place;
            let parts = self.supersede_last().unwrap_or_default();
            self.open(with_words(parts, message_id, text));
            return true;
        }
        question.parts[at].text = Pii::new(text.to_owned());
        let bounds = &self.folder.bot.turns;
        question.due_ms = Some(due(bounds.quiet_ms, bounds.most_ms, question.asked_at_ms, self.input.now_ms));
        self.go_on_gathering();
        true
    }

    /// The message answered a step of the flow that is under way.
    fn edits_flow_answer(&mut self, message_id: i64, text: &str) -> bool {
        let Some(run) = &self.state.flow else { return false };
        let is_it = |given: &crate::domain::GivenAnswer| given.message_id == message_id && message_id != 0;
        let Some(at) = run.answers.iter().position(is_it) else { return false };
        let is_latest = at + 1 == run.answers.len();
        let is_known =
            self.folder.flow(&run.flow).is_some_and(|flow| flow.step(&run.answers[at].step).is_some());
        if !is_latest || !is_known {
            self.aside(&self.folder.bot.texts.edited_answer);
            return true;
        }
        let answered = self.state.turns.answered.take_if(|turn| place_of(&turn.parts, message_id).is_some());
        self.place = answered.map_or(Place::Reply, |turn| self.place_of_new_answer(turn.at_ms));
        self.to = message_id;
        self.said = vec![Part { message_id, ..Part::default() }];
        // The buttons of the question that was asked in the meantime are stale from now on.
        let prompt = self.next_prompt();
        let now_ms = self.input.now_ms;
        if let Some(run) = &mut self.state.flow
            && let Some(given) = run.answers.pop()
        {
            run.step = given.step;
            run.stage = Stage::Question;
            run.prompt = prompt;
            run.tries = 0;
            // Whoever corrects an answer is there, however long they have been silent.
            run.touched_ms = now_ms;
        }
        self.text(text);
        true
    }

    fn place_of_new_answer(&self, answered_ms: i64) -> Place {
        let minutes = i64::from(self.folder.bot.turns.edit_minutes);
        let age_ms = self.input.now_ms.saturating_sub(answered_ms);
        if age_ms <= minutes.saturating_mul(MINUTE_MS) { Place::InPlace } else { Place::Reply }
    }
}

fn with_words(mut parts: Vec<Part>, message_id: i64, text: &str) -> Vec<Part> {
    if let Some(at) = place_of(&parts, message_id) {
        parts[at].text = Pii::new(text.to_owned());
    }
    parts
}
