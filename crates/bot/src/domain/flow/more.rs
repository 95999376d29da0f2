//! What a person tells after their lead was captured, of what it had left open: the way to them that they skipped, a budget that
//! was not decided, a time. It may be worth points. What they have answered stays as it was sent.

use bot_folder::{FlowStep, StepInput};

use super::request::Of;
use super::score;
use crate::domain::text::looks_like_question;
use crate::domain::told::asks_when;
use crate::domain::turn::Turn;
use crate::domain::{Answer, Effect, FlowRun, Lead, Rescored, SentLead};

impl Turn<'_> {
    /// Remembers what a lead was made of. In a group others speak too, and it is of nobody.
    pub(super) fn remember_lead(&mut self, lead: &Lead, run: FlowRun) {
        if self.input.chat.private {
            let (lead_id, score, temperature) = (lead.lead_id, lead.score, lead.temperature);
            let temperature = temperature.as_str().to_owned();
            self.state.sent = Some(Box::new(SentLead { lead_id, run, score, temperature }));
        }
    }

    /// Adds to the lead what a text tells of it, and tells whoever has it where that makes another score.
    pub(in crate::domain) fn add_to_lead(&mut self, text: &str) {
        let Some(mut sent) = self.state.sent.take() else { return };
        self.add(&mut sent, text);
        self.state.sent = Some(sent);
    }

    fn add(&mut self, sent: &mut SentLead, text: &str) {
        let folder = self.folder;
        let found = folder.flows.iter().enumerate().find(|(_, flow)| flow.id == sent.run.flow);
        let Some((number, flow)) = found else { return };
        let before = score::score(folder, flow, &sent.run).0;
        let is_question = text.contains('?') || looks_like_question(text);
        let mut added = Vec::new();
        for told in self.told_answers(Of { number, flow }, text) {
            let may = flow.step(&told.step).is_some_and(|(_, step)| may_be_added(step, is_question));
            let open = sent.run.answers.iter_mut().find(|given| given.step == told.step);
            if let Some(given) = open.filter(|given| may && is_open(&given.answer)) {
                added.push(told.step.clone());
                *given = told;
            }
        }
        let mut lead = self.lead(flow, &sent.run);
        // Where the folder's rules are others by now, it is still the words that make the difference.
        if added.is_empty() || lead.score == before || lead.score == sent.score {
            return;
        }
        lead.lead_id = sent.lead_id;
        lead.answers.retain(|answer| added.contains(&answer.field));
        let score_before = std::mem::replace(&mut sent.score, lead.score);
        let now = lead.temperature.as_str().to_owned();
        let temperature_before = std::mem::replace(&mut sent.temperature, now);
        let rescored = Rescored { lead, score_before, temperature_before };
        self.effects.push(Effect::RescoreLead(Box::new(rescored)));
    }
}

/// What was not said, or not known.
const fn is_open(answer: &Answer) -> bool {
    matches!(answer, Answer::Skipped | Answer::Undecided)
}

/// An address is one wherever it stands. An amount or a time in a question is asked about.
fn may_be_added(step: &FlowStep, is_question: bool) -> bool {
    match &step.input {
        StepInput::Contact(_) | StepInput::EmailOrPhone(_) => true,
        StepInput::Money(_) => !is_question,
        StepInput::Choice(_) => !is_question && asks_when(step),
        _ => false,
    }
}
