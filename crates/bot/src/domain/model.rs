//! What becomes of questions to a model.

use super::turn::Turn;
use super::{Effect, HandoffReason, ModelAnswer, ModelOutcome, Source};

impl Turn<'_> {
    pub(super) fn model_answered(&mut self, answer: &ModelAnswer) {
        let open = self.state.pending.iter().position(|pending| pending.request_id == answer.request_id);
        let Some(open) = open else {
            let reason = if self.state.turns.was_superseded(answer.request_id) {
                "a newer message has taken the question's place"
            } else {
                "the question has been answered already"
            };
            return self.effects.push(Effect::Ignore { reason });
        };
        let mut question = self.state.pending.remove(open);
        if answer.outcome == ModelOutcome::Failed && question.due_ms.is_some() {
            // Nobody was asked: we were away until its time was up.
            self.renew(&mut question);
            return self.close(question);
        }
        self.answers(&question);
        let text = answer.text.expose().trim();
        match answer.outcome {
            ModelOutcome::Answered if !text.is_empty() => {
                self.state.unanswered = 0;
                let text = self.with_sources(text, &answer.citations);
                let source = if answer.offline { Source::Offline } else { Source::Model };
                if self.awaits_question() {
                    return self.answered(&text, source);
                }
                if self.state.flow.is_some() {
                    return self.with_question(text, source);
                }
                let rows =
                    if self.state.paused.is_some() { vec![vec![self.resume_button()]] } else { Vec::new() };
                self.send(text, rows, source);
            }
            ModelOutcome::Answered | ModelOutcome::Unknown => self.no_answer(HandoffReason::LowConfidence),
            ModelOutcome::Failed => self.no_answer(HandoffReason::ModelFailed),
        }
    }

    fn with_sources(&self, text: &str, citations: &[String]) -> String {
        let mut named: Vec<&str> = Vec::new();
        for title in citations.iter().map(|title| title.trim()) {
            if !title.is_empty() && !named.contains(&title) && named.len() < 3 {
                named.push(title);
            }
        }
        if named.is_empty() {
            return text.to_owned();
        }
        format!("{text}\n\n{} {}", self.folder.bot.labels.sources.get(self.lang), named.join(", "))
    }

    /// A question stays without an answer: the person is told, and after a few in a row a human is called.
    fn no_answer(&mut self, reason: HandoffReason) {
        self.state.unanswered = self.state.unanswered.saturating_add(1);
        if self.state.unanswered >= self.folder.bot.limits.handoff_after {
            self.state.unanswered = 0;
            return self.hand_off(reason, Source::Canned);
        }
        let texts = &self.folder.bot.texts;
        let say =
            if reason == HandoffReason::ModelFailed { &texts.model_failed } else { &texts.model_unknown };
        if self.awaits_question() {
            let said = self.fill(say.text.get(self.lang), &[]);
            return self.not_answered(&said);
        }
        self.aside(say);
        if self.state.flow.is_some() {
            self.add_human();
        }
    }

    pub(super) fn hand_off(&mut self, reason: HandoffReason, source: Source) {
        let texts = &self.folder.bot.texts;
        let say = texts.handoff_closed.as_ref().filter(|_| !self.is_open()).unwrap_or(&texts.handoff);
        let opens = self.opens();
        if self.state.flow.is_some() {
            let text = self.fill(say.text.get(self.lang), &[("opens", &opens)]);
            self.with_question(text, Source::Canned);
        } else {
            self.say(say, &[("opens", &opens)], source);
        }
        self.effects.push(Effect::Handoff { reason, details: None });
    }
}
