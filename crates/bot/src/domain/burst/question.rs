//! Questions for the model: opened, gathered, superseded, and asked when the person has been quiet.

use bot_folder::PromptContext;
use ids::{Pii, RequestId};

use super::memory::{Part, joined};
use crate::domain::turn::Turn;
use crate::domain::words::{is_stop, words};
use crate::domain::{Effect, Pending, Person, Place};

/// Questions one chat may have open. Beyond that the person is told at once that there is no answer.
const MAX_PENDING: usize = 16;
/// A job that comes later than this after its moment was held up by an outage.
const LATE_MS: i64 = 10_000;

impl Turn<'_> {
    /// A text that only a model can answer: it opens a question, or becomes a part of the one that is open. The flow
    /// that waits for an answer goes on waiting.
    pub(in crate::domain) fn ask_model(&mut self, text: &str) {
        if let Some(question) = self.closing.take() {
            // Nothing else could answer all its words either.
            return self.hand_to_model(question);
        }
        let message_id = self.input.message.id;
        let mut parts = std::mem::take(&mut self.said);
        if parts.is_empty() {
            parts.push(Part { message_id, text: Pii::new(text.to_owned()) });
        }
        let (asks, topic) = (self.asker(), self.input.chat.topic);
        let bounds = &self.folder.bot.turns;
        let now_ms = self.input.now_ms;
        let is_overdue = self.state.pending.last().is_some_and(|open| self.is_overdue(open));
        match self.state.pending.last_mut() {
            Some(open) if open.due_ms.is_some() => {
                if open.is_of(asks, topic) && open.has_room(text, bounds) {
                    open.parts.append(&mut parts);
                    in_order(&mut open.parts);
                    open.due_ms = Some(due(bounds.quiet_ms, bounds.most_ms, open.asked_at_ms, now_ms));
                    if is_overdue && let Some(mut late) = self.state.pending.pop() {
                        // Its job may never come.
                        self.renew(&mut late);
                        return self.hand_to_model(late);
                    }
                    return self.go_on_gathering();
                }
                // It is somebody else's, or all it can hold: it is asked as it is, and this is the next one.
                if let Some(full) = self.state.pending.pop() {
                    self.hand_to_model(full);
                }
            }
            Some(thinking) if thinking.is_of(asks, topic) && thinking.has_room(text, bounds) => {
                if let Some(mut before) = self.supersede_last() {
                    before.append(&mut parts);
                    parts = before;
                    in_order(&mut parts);
                }
            }
            _ => {}
        }
        self.open(parts);
    }

    /// Takes back the newest question; its answer is not wanted any more. What it asked.
    pub(super) fn supersede_last(&mut self) -> Option<Vec<Part>> {
        let question = self.state.pending.pop()?;
        self.state.turns.supersede(question.request_id);
        self.effects.push(Effect::Supersede { request_id: question.request_id });
        Some(question.parts)
    }

    /// Opens a question, to be asked when the person has been quiet.
    pub(super) fn open(&mut self, parts: Vec<Part>) {
        if self.state.pending.len() >= MAX_PENDING {
            return self.aside(&self.folder.bot.texts.model_failed);
        }
        let bounds = &self.folder.bot.turns;
        let now_ms = self.input.now_ms;
        let due_ms = due(bounds.quiet_ms, bounds.most_ms, now_ms, now_ms);
        let request_id = self.input.request_id;
        let wait_ms = i64::from(self.folder.bot.limits.model_wait_seconds) * 1000;
        self.state.pending.push(Pending {
            request_id,
            asked_at_ms: now_ms,
            parts,
            asked_by: self.asker(),
            due_ms: Some(due_ms),
            place: self.place,
            topic: self.input.chat.topic,
            person: self.asking(),
        });
        let deadline_ms = now_ms.saturating_add(i64::from(bounds.most_ms)).saturating_add(wait_ms);
        self.effects.push(Effect::ExpectAnswer { request_id, deadline_ms });
        if bounds.quiet_ms > 0 {
            self.effects.push(Effect::Typing);
            self.effects.push(Effect::WaitForMore { turn: request_id, due_ms });
        }
        self.ask_if_full();
    }

    /// The open question has got other words. The job that is there waits on.
    pub(super) fn go_on_gathering(&mut self) {
        if !self.ask_if_full() {
            self.effects.push(Effect::Gathered);
        }
    }

    fn ask_if_full(&mut self) -> bool {
        let bounds = &self.folder.bot.turns;
        let is_full = |open: &mut Pending| bounds.quiet_ms == 0 || open.is_full(bounds);
        let full = self.state.pending.pop_if(is_full);
        let is_asked = full.is_some();
        if let Some(question) = full {
            self.hand_to_model(question);
        }
        is_asked
    }

    /// Whether a text belongs to a question that is still being written, whatever it might mean by itself.
    pub(in crate::domain) fn joins(&self, text: &str) -> bool {
        let (asks, topic) = (self.asker(), self.input.chat.topic);
        let is_open =
            |open: &Pending| open.due_ms.is_some() && open.is_of(asks, topic) && !self.is_overdue(open);
        if !self.state.pending.last().is_some_and(is_open) {
            return false;
        }
        // Who asks for a human or wants to stop is not kept waiting.
        let reading = self.engine.index.find(text);
        let is_human = reading.candidates.first().is_some_and(|best| {
            best.entry == self.engine.index.human() && best.confidence >= self.folder.bot.thresholds.faq
        });
        !is_human && !reading.command.is_some_and(|number| self.may_interrupt(number))
    }

    /// The person has been quiet, as far as the job knows that was written for `due_ms`.
    pub(in crate::domain) fn quiet(&mut self, turn: RequestId, due_ms: i64) {
        let open = self.state.pending.last().filter(|open| open.request_id == turn);
        match open.and_then(|open| open.due_ms) {
            Some(due) if due == due_ms => {
                if let Some(mut question) = self.state.pending.pop() {
                    if self.is_overdue(&question) {
                        self.renew(&mut question);
                    }
                    self.close(question);
                }
            }
            Some(due_ms) => self.effects.push(Effect::WaitForMore { turn, due_ms }),
            None => self.effects.push(Effect::Ignore { reason: "it has been asked already" }),
        }
    }

    /// Whether its moment is so long past that its job must have come too late, or not at all.
    fn is_overdue(&self, question: &Pending) -> bool {
        let patience_ms = i64::from(self.folder.bot.turns.most_ms).max(LATE_MS);
        question.due_ms.is_some_and(|due_ms| self.input.now_ms.saturating_sub(due_ms) > patience_ms)
    }

    /// Gives a question that was kept waiting by us a time of its own: the deadline it was opened with is none of the
    /// model's.
    pub(in crate::domain) fn renew(&mut self, question: &mut Pending) {
        question.request_id = self.input.request_id;
        let wait_ms = i64::from(self.folder.bot.limits.model_wait_seconds) * 1000;
        let deadline_ms = self.input.now_ms.saturating_add(wait_ms);
        self.effects.push(Effect::ExpectAnswer { request_id: question.request_id, deadline_ms });
    }

    /// All its words are known now: perhaps they mean something together that no piece meant alone ("how much" "does
    /// it cost").
    pub(in crate::domain) fn close(&mut self, question: Pending) {
        if self.state.flow.is_some() {
            return self.hand_to_model(question);
        }
        let text = joined(&question.parts);
        if self.is_answered_in_part(&question.parts) {
            return self.hand_to_model(question);
        }
        self.answers(&question);
        self.closing = Some(question);
        self.text(&text);
    }

    /// Whether the FAQ knows an answer to one part, while another says something of its own: that one must not be lost
    /// over it.
    fn is_answered_in_part(&self, parts: &[Part]) -> bool {
        let telling = |part: &Part| words(part.text.expose()).iter().filter(|word| !is_stop(word)).count();
        let is_known = |part: &Part| {
            let reading = self.engine.index.find(part.text.expose());
            let sure = self.folder.bot.thresholds.faq;
            reading.candidates.first().is_some_and(|best| best.confidence >= sure)
        };
        parts.iter().any(is_known) && parts.iter().any(|part| !is_known(part) && telling(part) > 1)
    }

    /// Hands a question to the model.
    fn hand_to_model(&mut self, question: Pending) {
        let wait_ms = i64::from(self.folder.bot.limits.model_wait_seconds) * 1000;
        self.effects.push(Effect::Typing);
        self.effects.push(Effect::AskModel {
            request_id: question.request_id,
            folder: self.folder.name().to_owned(),
            version: self.folder.content_hash().to_owned(),
            question: Pii::new(joined(&question.parts)),
            messages: question.parts.iter().map(|part| part.message_id).collect(),
            lang: self.lang,
            context: self.context(),
            model: self.state.model.clone(),
            deadline_ms: self.input.now_ms.saturating_add(wait_ms),
        });
        self.state.pending.push(Pending { due_ms: None, ..question });
    }

    /// What the talk is about, where that shows in more than words: a flow that makes a lead is under way.
    fn context(&self) -> Option<PromptContext> {
        let flow = self.folder.flow(&self.state.flow.as_ref()?.flow)?;
        flow.lead.is_some().then_some(PromptContext::Qualification)
    }

    /// What is said from here on answers this question.
    pub(in crate::domain) fn answers(&mut self, question: &Pending) {
        self.said = question.parts.clone();
        self.to = question.newest();
        self.place = question.place;
    }

    /// In a group several people ask; in private nobody else does.
    const fn asker(&self) -> i64 {
        if self.input.chat.private { 0 } else { self.input.person.user_id }
    }

    fn asking(&self) -> Option<Box<Person>> {
        let person = &self.input.person;
        (person.user_id != 0).then(|| Box::new(person.clone()))
    }
}

/// An older message that was edited into a question stands before what was written after it.
fn in_order(parts: &mut [Part]) {
    parts.sort_by_key(|part| part.message_id);
}

/// Until when nothing has to come: always later than before, and never later than the cap.
pub(super) fn due(quiet_ms: u32, most_ms: u32, since_ms: i64, now_ms: i64) -> i64 {
    now_ms.saturating_add(i64::from(quiet_ms)).min(since_ms.saturating_add(i64::from(most_ms.max(quiet_ms))))
}

impl Place {
    #[must_use]
    pub const fn is_below(&self) -> bool {
        matches!(self, Self::Below)
    }
}
