//! Flows: a person is led through questions in an order, may leave and come back, and at the end leaves a
//! lead.

mod answer;
mod ask;
mod choice;
mod files;
mod lead;
mod read;
mod score;

pub(super) use choice::Choices;

use bot_folder::{Flow, FlowStep, Say};

use super::turn::Turn;
use super::{Effect, FlowRun, Movement, Source};

const HOUR_MS: i64 = 60 * 60 * 1000;

impl<'a> Turn<'a> {
    /// The flow that waits for an answer and the step it waits at.
    pub(super) fn current(&self) -> Option<(&'a Flow, usize, &'a FlowStep)> {
        let run = self.state.flow.as_ref()?;
        let flow = self.folder.flow(&run.flow)?;
        let (index, step) = flow.step(&run.step)?;
        Some((flow, index, step))
    }

    /// Begins a flow; one that was begun before is offered again instead.
    pub(super) fn enter(&mut self, id: &str) {
        let is_it = |run: &FlowRun| run.flow == id;
        if self.state.flow.as_ref().is_some_and(is_it) {
            return self.go_on();
        }
        if self.state.paused.as_ref().is_some_and(is_it) {
            self.offer_resume();
            return;
        }
        self.pause();
        self.begin(id);
    }

    fn begin(&mut self, id: &str) {
        let first = self.folder.flow(id).and_then(|flow| Some((flow, flow.steps.first()?)));
        let Some((flow, step)) = first else {
            return self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned);
        };
        let prompt = self.next_prompt();
        self.state.flow = Some(FlowRun {
            flow: flow.id.clone(),
            step: step.id.clone(),
            prompt,
            answers: Vec::new(),
            tries: 0,
            resumed: false,
            cancelled: false,
            touched_ms: self.input.now_ms,
            version: self.folder.content_hash().chars().take(12).collect(),
        });
        self.effects.push(Effect::FlowMoved { flow: flow.id.clone(), movement: Movement::Started });
        let intro = flow.intro.as_ref().map(|intro| self.fill(intro.get(self.lang), &[]));
        self.ask(intro.as_deref(), Source::Flow);
    }

    pub(super) fn next_prompt(&mut self) -> u32 {
        self.state.prompts = self.state.prompts.wrapping_add(1);
        self.state.prompts
    }

    /// Leaves the flow for something else; it can be resumed.
    pub(super) fn pause(&mut self) {
        if let Some(run) = self.state.flow.take() {
            self.state.paused = Some(run);
        }
    }

    /// Says at which question the person stopped and offers to go on. Says nothing, and returns `false`,
    /// where no flow has been left.
    pub(super) fn offer_resume(&mut self) -> bool {
        self.pause();
        let Some(run) = &self.state.paused else { return false };
        let Some(flow) = self.folder.flow(&run.flow) else { return false };
        let at = flow.step(&run.step).map_or(0, |(index, _)| index);
        let (step, total) = ((at + 1).to_string(), flow.steps.len().to_string());
        let vars = [("step", step.as_str()), ("total", total.as_str()), ("flow", flow.title.get(self.lang))];
        let say = &self.folder.bot.texts.resume_offer;
        let text = self.fill(say.text.get(self.lang), &vars);
        let restart = super::Button::callback(
            self.folder.bot.labels.restart.get(self.lang),
            &bot_folder::Action::Restart.to_string(),
        );
        let mut rows = vec![vec![self.resume_button(), restart]];
        rows.extend(super::say::rows(&say.buttons, self.lang));
        self.send(text, rows, Source::Flow);
        self.state.resume_offered = true;
        true
    }

    /// What the person says to the offer to go on.
    pub(super) fn resume_answered(&mut self, yes: bool) {
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

    pub(super) fn resume(&mut self) {
        if self.state.flow.is_none() {
            let Some(run) = self.state.paused.take() else {
                return self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned);
            };
            self.state.flow = Some(FlowRun { resumed: true, cancelled: false, tries: 0, ..run });
        }
        self.go_on();
    }

    /// Asks the waiting question again.
    fn go_on(&mut self) {
        let now_ms = self.input.now_ms;
        if let Some(run) = &mut self.state.flow {
            run.touched_ms = now_ms;
        }
        let Some((flow, index, _)) = self.current() else { return };
        let (step, total) = ((index + 1).to_string(), flow.steps.len().to_string());
        let vars = [("step", step.as_str()), ("total", total.as_str()), ("flow", flow.title.get(self.lang))];
        let text = self.fill(self.folder.bot.texts.resumed.text.get(self.lang), &vars);
        self.ask(Some(&text), Source::Flow);
    }

    pub(super) fn restart(&mut self) {
        match self.state.flow.take().or_else(|| self.state.paused.take()) {
            Some(run) => self.begin(&run.flow),
            None => self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned),
        }
    }

    /// Leaves the flow for good; the answers are kept in case the person changes their mind.
    pub(super) fn cancel(&mut self) {
        let texts = &self.folder.bot.texts;
        let Some(run) = self.state.flow.take() else {
            return self.say(&texts.nothing_to_cancel, &[], Source::Command);
        };
        self.effects.push(Effect::FlowMoved { flow: run.flow.clone(), movement: Movement::Cancelled });
        self.state.paused = Some(FlowRun { cancelled: true, ..run });
        self.say(&texts.cancelled, &[], Source::Command);
    }

    /// Whether the person has been silent for so long that a text is no longer meant as an answer.
    pub(super) fn is_idle(&self) -> bool {
        let idle_ms = i64::from(self.folder.bot.limits.flow_idle_hours) * HOUR_MS;
        let touched = self.state.flow.as_ref().map_or(self.input.now_ms, |run| run.touched_ms);
        self.input.now_ms.saturating_sub(touched) > idle_ms
    }

    /// Says that a button belongs to a question that has been answered or left, and asks the one that waits.
    pub(super) fn stale(&mut self) {
        let say: &Say = &self.folder.bot.texts.stale_button;
        self.aside(say);
    }
}
