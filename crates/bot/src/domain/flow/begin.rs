//! A flow begins, and comes to its end.

use bot_folder::{Flow, FlowStep, StepInput};

use super::walk::walk;
use crate::domain::turn::Turn;
use crate::domain::{Effect, FlowRun, HandoffReason, Movement, Source, Stage};

impl Turn<'_> {
    /// Begins a flow; one that was begun before is offered again instead.
    pub(in crate::domain) fn enter(&mut self, id: &str) {
        if self.belongs_in_private(id) {
            return;
        }
        let is_it = |run: &FlowRun| run.flow == id;
        if self.state.flow.as_ref().is_some_and(is_it) {
            return self.asked_again();
        }
        let left = self.state.flow.as_ref().map(|run| run.serial);
        self.pause();
        if self.lift_paused(is_it) {
            self.offer_resume();
            return;
        }
        if let Some(run) = self.state.paused.as_mut().filter(|run| Some(run.serial) == left) {
            run.interrupted = true;
        }
        self.begin(id);
    }

    /// The flow that waits is asked for once more. Who calls a human twice is in a hurry: how to reach them is asked
    /// first, the rest afterwards.
    fn asked_again(&mut self) {
        let Some((flow, at, _)) = self.current() else { return self.go_on() };
        let Some(again) = &flow.again else { return self.go_on() };
        let text = self.fill(again.get(self.lang), &[]);
        let is_reach =
            |step: &FlowStep| matches!(step.input, StepInput::Contact(_) | StepInput::EmailOrPhone(_));
        let is_open =
            |step: &FlowStep| self.state.flow.as_ref().is_some_and(|run| run.answer(&step.id).is_none());
        match flow.steps.iter().position(|step| is_reach(step) && is_open(step)) {
            Some(number) if number != at => self.go_to(number, Some(&text), Source::Flow),
            _ => self.ask(Some(&text), Source::Flow),
        }
    }

    pub(super) fn begin(&mut self, id: &str) {
        let first = self.folder.flow(id).and_then(|flow| Some((flow, flow.steps.first()?)));
        let Some((flow, step)) = first else {
            return self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned);
        };
        self.open_run(flow, step);
        let intro = self.intro(flow);
        if matches!(step.input, StepInput::Menu(_)) {
            return self.finish_with_menu(intro.as_deref(), Source::Command);
        }
        self.ask(intro.as_deref(), Source::Flow);
        self.plan_reminder();
    }

    /// Makes a new run of a flow the one that waits, at this step.
    pub(super) fn open_run(&mut self, flow: &Flow, step: &FlowStep) {
        self.forget_paused(&flow.id);
        let serial = self.next_prompt();
        self.state.flow = Some(FlowRun {
            flow: flow.id.clone(),
            step: step.id.clone(),
            prompt: serial,
            answers: Vec::new(),
            tries: 0,
            resumed: false,
            cancelled: false,
            touched_ms: self.input.now_ms,
            stage: Stage::Question,
            interrupted: false,
            serial,
            reminded: 0,
            version: self.folder.content_hash().chars().take(12).collect(),
        });
        self.effects.push(Effect::FlowMoved { flow: flow.id.clone(), movement: Movement::Started });
        if flow.handoff {
            self.effects.push(Effect::Handoff { reason: HandoffReason::Asked, details: None });
        }
    }

    /// What is said before the first question, now.
    pub(super) fn intro(&self, flow: &Flow) -> Option<String> {
        let closed = flow.intro_closed.as_ref().filter(|_| !self.is_open());
        let intro = closed.or(flow.intro.as_ref())?;
        Some(self.fill(intro.get(self.lang), &[("opens", &self.opens())]))
    }

    /// Every answer has been given: says so, and goes on with what was interrupted.
    pub(in crate::domain) fn finish(&mut self) {
        let Some(run) = &self.state.flow else { return };
        let Some(flow) = self.folder.flow(&run.flow) else { return };
        let summary = self.summary(flow, run);
        self.complete(&flow.id, true);
        let done = flow.done_closed.as_ref().filter(|_| !self.is_open()).unwrap_or(&flow.done);
        let vars = [("summary", summary.as_str()), ("opens", &self.opens())];
        let text = self.fill(done.text.get(self.lang), &vars);
        if !self.return_from_interruption(&text) {
            self.say(done, &vars, Source::Flow);
        }
        self.offer_human_for_large();
    }

    /// A menu is the end of its flow.
    pub(super) fn finish_with_menu(&mut self, before: Option<&str>, source: Source) {
        let Some((flow, _, step)) = self.current() else { return };
        let StepInput::Menu(menu) = &step.input else { return };
        self.complete(&flow.id, true);
        let ask = self.fill(step.ask.get(self.lang), &[]);
        let text = before.map_or_else(|| ask.clone(), |before| format!("{before}\n\n{ask}"));
        let mut rows = crate::domain::say::rows(&menu.buttons, self.lang);
        if let Some(run) = &mut self.state.paused {
            // The person is offered the way back, not led there.
            run.interrupted = false;
            rows.insert(0, vec![self.resume_button()]);
        }
        self.send(text, rows, source);
        self.offer_human_for_large();
    }

    /// Ends the run: what it was for is done now. `is_lead`: if its answers make a lead, this one is.
    pub(super) fn complete(&mut self, flow: &str, is_lead: bool) {
        let (Some(mut run), Some(flow)) = (self.state.flow.take(), self.folder.flow(flow)) else { return };
        self.forget_paused(&flow.id);
        // Answers that later ones led past are none.
        let passed = walk(flow, &run, &self.folder.bot.money).passed;
        let order = |step: &str| passed.iter().position(|number| flow.steps[*number].id == step);
        run.answers.retain(|given| order(&given.step).is_some());
        run.answers.sort_by_key(|given| order(&given.step));
        self.effects.push(Effect::FlowMoved { flow: flow.id.clone(), movement: Movement::Completed });
        if flow.lead.is_some() && is_lead {
            let lead = self.lead(flow, &run);
            self.state.told.forget_request();
            self.state.files.clear();
            self.remember_lead(&lead, run.clone());
            self.effects.push(Effect::CaptureLead(Box::new(lead)));
            if self.is_large(&run) {
                self.effects.push(Effect::Handoff { reason: HandoffReason::LargeLead, details: None });
            }
        }
        if flow.handoff {
            let details = Some(Box::new(self.handoff_details(flow, &run)));
            self.effects.push(Effect::Handoff { reason: HandoffReason::Asked, details });
        }
    }

    /// Goes on with the flow that this one came in between of; `false` where there is none.
    pub(super) fn return_from_interruption(&mut self, before: &str) -> bool {
        if !self.state.paused.as_ref().is_some_and(|run| run.interrupted && !run.cancelled) {
            return false;
        }
        let now_ms = self.input.now_ms;
        self.state.flow =
            self.pop_paused().map(|run| FlowRun { interrupted: false, tries: 0, touched_ms: now_ms, ..run });
        let text = format!("{before}\n\n{}", self.resumed_text());
        self.ask(Some(&text), Source::Flow);
        true
    }
}
