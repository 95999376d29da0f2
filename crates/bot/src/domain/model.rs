//! What becomes of questions to a model, and what models cost.

use bot_folder::Say;
use ids::Timestamp;

use super::turn::Turn;
use super::{Button, Costs, Effect, HandoffReason, ModelAnswer, ModelOutcome, Source};

/// Millionths of a dollar, in dollars and cents; more exactly where that would be nothing.
fn dollars(micros: i64) -> String {
    let digits = if micros == 0 || micros >= 10_000 { 2 } else { 4 };
    format!("${:.digits$}", micros as f64 / 1e6)
}

impl<'a> Turn<'a> {
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
                let text = self.with_quota(text, answer.quota_resets_ms);
                let source = if answer.offline { Source::Offline } else { Source::Model };
                match self.wants_human(answer) {
                    Some(reason) => self.pass_on(text, source, reason),
                    None => self.give(text, Vec::new(), source),
                }
            }
            ModelOutcome::Answered | ModelOutcome::Unknown => {
                self.no_answer(HandoffReason::LowConfidence, answer.quota_resets_ms);
            }
            ModelOutcome::Failed => self.no_answer(HandoffReason::ModelFailed, answer.quota_resets_ms),
        }
    }

    /// Says an answer: as that of the question which a flow waits for, above the flow's question, or by itself.
    pub(super) fn give(&mut self, text: String, mut rows: Vec<Vec<Button>>, source: Source) {
        if self.awaits_question() {
            return self.answered(&text, source);
        }
        if self.state.flow.is_some() {
            return self.with_question(text, source);
        }
        if self.state.paused.is_some() {
            rows.insert(0, vec![self.resume_button()]);
        }
        self.send(text, rows, source);
    }

    /// Names the pages that an answer rests on. A question of the FAQ is no source to whoever asked one.
    fn with_sources(&self, text: &str, citations: &[String]) -> String {
        let mut named: Vec<&str> = Vec::new();
        let entries = &self.folder.faq.entries;
        let is_question = |title: &str| {
            entries.iter().any(|entry| entry.question.iter().any(|(_, question)| question.trim() == title))
        };
        for title in citations.iter().map(|title| title.trim()).filter(|title| !is_question(title)) {
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
    fn no_answer(&mut self, reason: HandoffReason, quota_resets_ms: Option<i64>) {
        self.state.unanswered = self.state.unanswered.saturating_add(1);
        if self.state.unanswered >= self.folder.bot.limits.handoff_after {
            self.state.unanswered = 0;
            return self.hand_off(reason, Source::Canned);
        }
        let texts = &self.folder.bot.texts;
        let say =
            if reason == HandoffReason::ModelFailed { &texts.model_failed } else { &texts.model_unknown };
        if let Some((say, resets)) = self.quota(quota_resets_ms) {
            self.state.quota_told_ms = quota_resets_ms;
            let text = self.fill(say.text.get(self.lang), &[("resets", &resets)]);
            if self.awaits_question() {
                return self.not_answered(&text);
            }
            if self.state.flow.is_some() {
                self.with_question(text, Source::Canned);
                return self.add_human();
            }
            return self.say(say, &[("resets", &resets)], Source::Canned);
        }
        if self.awaits_question() {
            let said = self.fill(say.text.get(self.lang), &[]);
            return self.not_answered(&said);
        }
        self.aside(say);
        if self.state.flow.is_some() {
            self.add_human();
        }
    }

    /// What is said of a quota that is used up, and when it begins anew, in words.
    fn quota(&self, resets_ms: Option<i64>) -> Option<(&'a Say, String)> {
        let resets = Timestamp::from_millisecond(resets_ms?).ok()?;
        let (say, hours) = (self.folder.bot.texts.quota.as_ref()?, self.folder.bot.hours.as_ref()?);
        Some((say, hours.tell(self.now(), resets, self.lang)))
    }

    /// The answer; below it, once, that it comes without a model and until when.
    fn with_quota(&mut self, text: String, resets_ms: Option<i64>) -> String {
        if self.state.quota_told_ms == resets_ms {
            return text;
        }
        let Some((say, resets)) = self.quota(resets_ms) else { return text };
        self.state.quota_told_ms = resets_ms;
        format!("{text}\n\n{}", self.fill(say.text.get(self.lang), &[("resets", &resets)]))
    }

    /// What an admin wanted to know of money.
    pub(super) fn costs(&mut self, costs: Option<&Costs>) {
        let Some(texts) = &self.folder.bot.texts.costs else { return };
        let Some(costs) = costs else { return self.say(&texts.failed, &[], Source::Canned) };
        let resets = Timestamp::from_millisecond(costs.resets_ms).ok();
        let resets =
            resets.and_then(|then| Some(self.folder.bot.hours.as_ref()?.tell(self.now(), then, self.lang)));
        let limit = if costs.limit_micros > 0 { dollars(costs.limit_micros) } else { "∞".to_owned() };
        let models: Vec<String> =
            costs.models.iter().map(|(model, micros)| format!("{model}: {}", dollars(*micros))).collect();
        let filled = [
            ("today", dollars(costs.today_micros)),
            ("limit", limit),
            ("month", dollars(costs.month_micros)),
            ("resets", resets.unwrap_or_default()),
            ("models", models.join("\n")),
        ];
        let filled: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.say(&texts.report, &filled, Source::Canned);
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
