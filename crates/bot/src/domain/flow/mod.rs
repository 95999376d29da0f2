//! Flows: a person is led through questions in an order, may leave and come back, and at the end leaves a
//! lead.

mod answer;
mod ask;
mod begin;
mod choice;
mod files;
mod lead;
mod more;
mod press;
mod private;
mod question;
mod read;
mod remind;
mod request;
mod resume;
mod review;
mod score;
mod stack;
mod steps;
mod told;
mod walk;

pub(super) use choice::Choices;
pub(super) use press::navigation;
pub(super) use private::linked_flow;

use bot_folder::{Flow, FlowStep, Say};

use super::FlowRun;
use super::turn::Turn;

const HOUR_MS: i64 = 60 * 60 * 1000;

impl<'a> Turn<'a> {
    /// The flow that waits for an answer and the step it waits at.
    pub(super) fn current(&self) -> Option<(&'a Flow, usize, &'a FlowStep)> {
        let run = self.state.flow.as_ref()?;
        let flow = self.folder.flow(&run.flow)?;
        let (index, step) = flow.step(&run.step)?;
        Some((flow, index, step))
    }

    pub(super) fn next_prompt(&mut self) -> u32 {
        self.state.prompts = self.state.prompts.wrapping_add(1);
        self.state.prompts
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

    /// A text that may name where a run stands.
    fn fill_step(&self, text: &str, flow: &Flow, run: &FlowRun) -> String {
        let at = flow.step(&run.step).map_or(0, |(index, _)| index);
        let (step, total) = ((at + 1).to_string(), flow.steps.len().to_string());
        let title = flow.title.get(self.lang);
        self.fill(text, &[("step", &step), ("total", &total), ("flow", title)])
    }
}
