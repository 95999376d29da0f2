//! Leaving a flow and coming back to it.

use bot_folder::Action;

use super::read::Place;
use crate::domain::turn::Turn;
use crate::domain::{Answer, Button, Effect, FlowRun, Movement, Source, Stage};

impl Turn<'_> {
    /// Says at which question the person stopped and offers to go on. Says nothing, and returns `false`,
    /// where no flow has been left.
    pub(in crate::domain) fn offer_resume(&mut self) -> bool {
        self.pause();
        let Some(run) = &self.state.paused else { return false };
        let Some(flow) = self.folder.flow(&run.flow) else { return false };
        let say = &self.folder.bot.texts.resume_offer;
        let text = self.fill_step(say.text.get(self.lang), flow, run);
        let restart =
            Button::callback(self.folder.bot.labels.restart.get(self.lang), &Action::Restart.to_string());
        let mut rows = vec![vec![self.resume_button(), restart]];
        rows.extend(crate::domain::say::rows(&say.buttons, self.lang));
        self.send(text, rows, Source::Flow);
        self.state.resume_offered = true;
        true
    }

    /// What the person says to the offer to go on.
    pub(in crate::domain) fn resume_answered(&mut self, yes: bool) {
        if yes {
            return self.resume();
        }
        if let Some(run) = self.state.paused.as_mut().filter(|run| !run.cancelled) {
            run.cancelled = true;
            let flow = run.flow.clone();
            self.effects.push(Effect::FlowMoved { flow, movement: Movement::Cancelled });
        }
        self.say(&self.folder.bot.texts.cancelled, &[], Source::Command);
    }

    pub(in crate::domain) fn resume(&mut self) {
        if self.state.flow.is_none() {
            self.take_up();
            if self.state.flow.is_none() {
                return self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned);
            }
        }
        self.go_on();
    }

    /// Makes the newest of the flows that were left the one that waits.
    pub(super) fn take_up(&mut self) {
        let run = self.pop_paused();
        self.state.flow =
            run.map(|run| FlowRun { resumed: true, cancelled: false, interrupted: false, tries: 0, ..run });
    }

    /// Takes a text for the answer to the question that was left, where it fits that exactly.
    pub(in crate::domain) fn answers_paused(&mut self, text: &str) -> bool {
        let Some(run) = self.state.paused.as_ref().filter(|run| run.stage == Stage::Question) else {
            return false;
        };
        let number = self.folder.flows.iter().position(|flow| flow.id == run.flow);
        let step = self.folder.flow(&run.flow).and_then(|flow| flow.step(&run.step));
        let (Some(flow), Some((index, step))) = (number, step) else { return false };
        let Ok(answer) = self.read(Place { flow, step: index }, step, text) else { return false };
        // "Here", "I don't know" and words in general are said about other things too.
        if matches!(answer, Answer::Text(_) | Answer::Undecided | Answer::Telegram(_)) {
            return false;
        }
        self.state.flow = self.pop_paused().map(|run| FlowRun { resumed: true, cancelled: false, ..run });
        self.accept(answer, text);
        true
    }

    /// Asks the waiting question again.
    pub(super) fn go_on(&mut self) {
        let now_ms = self.input.now_ms;
        if let Some(run) = &mut self.state.flow {
            run.touched_ms = now_ms;
        }
        let Some((flow, _, _)) = self.current() else { return };
        let text = if flow.keep { Some(self.resumed_text()) } else { self.intro(flow) };
        self.ask(text.as_deref(), Source::Flow);
    }

    pub(super) fn resumed_text(&self) -> String {
        let text = self.folder.bot.texts.resumed.text.get(self.lang);
        match (&self.state.flow, self.current()) {
            (Some(run), Some((flow, _, _))) => self.fill_step(text, flow, run),
            _ => self.fill(text, &[]),
        }
    }

    pub(in crate::domain) fn restart(&mut self) {
        match self.state.flow.take().or_else(|| self.pop_paused()) {
            Some(run) => self.begin(&run.flow),
            None => self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned),
        }
    }

    /// Leaves the flow for good; the answers are kept in case the person changes their mind, unless another flow waits
    /// to be gone on with.
    pub(in crate::domain) fn cancel(&mut self) {
        let texts = &self.folder.bot.texts;
        let Some(run) = self.state.flow.take() else {
            return self.say(&texts.nothing_to_cancel, &[], Source::Command);
        };
        self.effects.push(Effect::FlowMoved { flow: run.flow.clone(), movement: Movement::Cancelled });
        let flow = self.folder.flow(&run.flow);
        let say = flow.and_then(|flow| flow.cancelled.as_ref()).unwrap_or(&texts.cancelled);
        let text = self.fill(say.text.get(self.lang), &[]);
        if self.return_from_interruption(&text) {
            return;
        }
        if flow.is_some_and(|flow| flow.keep) {
            self.state.push_paused(FlowRun { cancelled: true, ..run });
        }
        self.say(say, &[], Source::Command);
    }
}
