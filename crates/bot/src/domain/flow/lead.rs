//! The end of a flow: the summary for the person and the lead for the business.

use bot_folder::{Flow, FlowStep, StepInput};
use ids::Pii;

use super::score;
use crate::domain::turn::Turn;
use crate::domain::{Amount, Answer, Effect, FlowRun, Lead, LeadAnswer, LeadContact, Movement, Source};

/// A long answer is shortened in the summary; the lead has it whole.
const SUMMARY_CHARS: usize = 300;

impl Turn<'_> {
    pub(super) fn finish(&mut self) {
        let Some(run) = self.state.flow.take() else { return };
        self.state.paused = None;
        let Some(flow) = self.folder.flow(&run.flow) else { return };
        self.effects.push(Effect::FlowMoved { flow: flow.id.clone(), movement: Movement::Completed });
        if flow.lead.is_some() {
            let lead = self.lead(flow, &run);
            self.state.files.clear();
            self.effects.push(Effect::CaptureLead(Box::new(lead)));
        }
        let summary = self.summary(flow, &run);
        self.say(&flow.done, &[("summary", &summary)], Source::Flow);
    }

    fn lead(&self, flow: &Flow, run: &FlowRun) -> Lead {
        let (score, evidence) = score::score(self.folder, flow, run);
        let person = &self.input.person;
        let mut contact = LeadContact {
            name: Pii::new(person.full_name()),
            username: person.username.clone(),
            telegram_user_id: person.user_id,
            ..LeadContact::default()
        };
        for given in &run.answers {
            match &given.answer {
                Answer::Email(email) => contact.email = email.clone(),
                Answer::Phone(phone) => contact.phone = phone.clone(),
                Answer::Telegram(name) => contact.username = name.clone(),
                _ => {}
            }
        }
        let answered = run.answers.iter().filter(|given| given.answer != Answer::Skipped);
        let answers = answered.map(|given| LeadAnswer {
            field: given.step.clone(),
            value: Pii::new(value(&given.answer)),
            text: given.text.clone(),
        });
        Lead {
            lead_id: self.input.lead_id,
            flow: flow.id.clone(),
            lang: self.lang,
            temperature: score::temperature(flow, score),
            score,
            evidence,
            answers: answers.collect(),
            contact,
            start_payload: self.state.start_payload.clone(),
        }
    }

    /// One line for each question: its title and what was answered.
    fn summary(&self, flow: &Flow, run: &FlowRun) -> String {
        let line = |step: &FlowStep, given: &crate::domain::GivenAnswer| {
            let shown = match &given.answer {
                Answer::Skipped => self.folder.bot.labels.skipped.get(self.lang).to_owned(),
                Answer::Choice(value) => {
                    self.label(step, value).unwrap_or_else(|| given.text.expose().clone())
                }
                Answer::Email(reach) | Answer::Phone(reach) => reach.expose().clone(),
                Answer::Telegram(name) => format!("@{}", name.expose()),
                Answer::Files(names) => super::files::list(names),
                Answer::Text(_) | Answer::Money(_) | Answer::Undecided => given.text.expose().clone(),
            };
            format!("• {}: {}", step.title.get(self.lang), shorten(&shown))
        };
        let lines = run.answers.iter().filter_map(|given| Some(line(flow.step(&given.step)?.1, given)));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn label(&self, step: &FlowStep, value: &str) -> Option<String> {
        let StepInput::Choice(choice) = &step.input else { return None };
        let option = choice.options.iter().find(|option| option.value == value)?;
        Some(option.label.get(self.lang).to_owned())
    }
}

/// An answer as reports and CRMs read it.
fn value(answer: &Answer) -> String {
    match answer {
        Answer::Skipped => String::new(),
        Answer::Choice(value) => value.clone(),
        Answer::Text(text) | Answer::Email(text) | Answer::Phone(text) | Answer::Telegram(text) => {
            text.expose().clone()
        }
        Answer::Files(names) => super::files::list(names),
        Answer::Undecided => "undecided".to_owned(),
        Answer::Money(Amount { min, max, currency }) => match (min, max) {
            (Some(min), Some(max)) if (min - max).abs() < 0.005 => format!("{min} {currency}"),
            (Some(min), Some(max)) => format!("{min}..{max} {currency}"),
            (None, Some(max)) => format!("up to {max} {currency}"),
            (Some(min), None) => format!("from {min} {currency}"),
            (None, None) => currency.clone(),
        },
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= SUMMARY_CHARS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(SUMMARY_CHARS).collect();
    short.push('…');
    short
}
