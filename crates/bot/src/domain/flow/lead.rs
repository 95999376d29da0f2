//! What comes of a flow: the summary for the person, the lead and the handoff for the business.

use bot_folder::{Flow, FlowStep, StepInput};
use ids::Pii;

use super::score;
use super::walk::walk;
use crate::domain::attribution::Attribution;
use crate::domain::entity::find_time;
use crate::domain::told::asks_when;
use crate::domain::turn::Turn;
use crate::domain::{Amount, Answer, FlowRun, GivenAnswer, HandoffDetails, Lead, LeadAnswer, LeadContact};

/// A long answer is shortened in the summary; the lead has it whole.
const SUMMARY_CHARS: usize = 300;

impl Turn<'_> {
    pub(super) fn lead(&self, flow: &Flow, run: &FlowRun) -> Lead {
        let (score, evidence) = score::score(self.folder, flow, run);
        let mut answers = answers_of(run);
        answers.extend(self.state.told.answers(&answers));
        Lead {
            contact: self.contact_of(run),
            answers,
            why: score::why(flow, score, &evidence),
            attribution: self.state.start_payload.as_deref().map(Attribution::of).unwrap_or_default(),
            lead_id: self.input.lead_id,
            flow: flow.id.clone(),
            lang: self.lang,
            temperature: score::temperature(flow, score),
            score,
            evidence,
            start_payload: self.state.start_payload.clone(),
        }
    }

    /// What the agent is told who takes over.
    pub(super) fn handoff_details(&self, flow: &Flow, run: &FlowRun) -> HandoffDetails {
        HandoffDetails {
            flow: flow.id.clone(),
            lang: self.lang,
            summary: Pii::new(self.summary(flow, run)),
            answers: answers_of(run),
            contact: self.contact_of(run),
        }
    }

    /// How to reach the person, by what they answered and by what Telegram tells.
    fn contact_of(&self, run: &FlowRun) -> LeadContact {
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
        // What was told elsewhere is another way, not the better one.
        let told = &self.state.told;
        for (way, told) in [(&mut contact.email, &told.email), (&mut contact.phone, &told.phone)] {
            if let Some(told) = told.as_ref().filter(|_| way.expose().is_empty()) {
                way.clone_from(told);
            }
        }
        contact
    }

    /// One line for each question on the way: its title and what was answered.
    pub(super) fn summary(&self, flow: &Flow, run: &FlowRun) -> String {
        let passed = walk(flow, run, &self.folder.bot.money).passed;
        let line = |number: &usize| self.line(flow.steps.get(*number)?, run);
        passed.iter().filter_map(line).collect::<Vec<_>>().join("\n")
    }

    /// A question's title and what was answered to it.
    pub(super) fn line(&self, step: &FlowStep, run: &FlowRun) -> Option<String> {
        let given = run.answer(&step.id)?;
        Some(format!("• {}: {}", step.title.get(self.lang), self.shown(step, given)))
    }

    /// An answer as the person sees it.
    pub(super) fn shown(&self, step: &FlowStep, given: &GivenAnswer) -> String {
        let shown = match &given.answer {
            Answer::Skipped => self.folder.bot.labels.skipped.get(self.lang).to_owned(),
            Answer::Choice(value) => self.chosen(step, value, given.text.expose()),
            Answer::Email(reach) | Answer::Phone(reach) => reach.expose().clone(),
            Answer::Telegram(name) => format!("@{}", name.expose()),
            Answer::Text(_) | Answer::Money(_) | Answer::Undecided => given.text.expose().clone(),
        };
        let mark = self.folder.bot.labels.shortened.as_ref().map_or("…", |label| label.get(self.lang));
        shorten(&shown, mark)
    }

    /// The option's label; of a day that the person named, with their words for it.
    fn chosen(&self, step: &FlowStep, value: &str, said: &str) -> String {
        let Some(label) = self.label(step, value) else { return said.to_owned() };
        let day = asks_when(step).then(|| find_time(said, self.today())).flatten();
        let differs = |raw: &str| raw.to_lowercase() != label.to_lowercase();
        match day.filter(|found| found.value.is_dated() && differs(found.raw.expose())) {
            Some(found) => format!("{label} ({})", found.raw.expose()),
            None => label,
        }
    }

    fn label(&self, step: &FlowStep, value: &str) -> Option<String> {
        let StepInput::Choice(choice) = &step.input else { return None };
        let option = choice.options.iter().find(|option| option.value == value)?;
        Some(option.label.get(self.lang).to_owned())
    }
}

/// In the order of the flow; what was skipped is left out.
fn answers_of(run: &FlowRun) -> Vec<LeadAnswer> {
    let answered = run.answers.iter().filter(|given| given.answer != Answer::Skipped);
    let answers = answered.map(|given| LeadAnswer {
        field: given.step.clone(),
        value: Pii::new(value(&given.answer)),
        text: given.text.clone(),
        found: false,
    });
    answers.collect()
}

/// An answer as reports and CRMs read it.
fn value(answer: &Answer) -> String {
    match answer {
        Answer::Skipped => String::new(),
        Answer::Choice(value) => value.clone(),
        Answer::Text(text) | Answer::Email(text) | Answer::Phone(text) | Answer::Telegram(text) => {
            text.expose().clone()
        }
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

/// The beginning of a long text, cut between words, with a mark that says so.
fn shorten(text: &str, mark: &str) -> String {
    if text.chars().count() <= SUMMARY_CHARS {
        return text.to_owned();
    }
    let short: String = text.chars().take(SUMMARY_CHARS).collect();
    // Half of it is not given up for one long word.
    let space = short.rfind(char::is_whitespace).filter(|space| *space >= short.len() / 2);
    let words = &short[..space.unwrap_or(short.len())];
    let words = words.trim_end_matches(|end: char| end.is_whitespace() || ",.:;–—-".contains(end));
    format!("{words}{mark}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_words_and_says_that_it_goes_on() {
        let told = "Сейчас всё собирается руками, и мешает то, что документации нет. ".repeat(9);
        let short = shorten(&told, "… (целиком)");
        let words = short.strip_suffix("… (целиком)").unwrap();
        assert!(told.starts_with(words) && words.chars().count() > SUMMARY_CHARS - 20, "{short}");
        assert!(told[words.len()..].starts_with([' ', '.', ',']), "between words: {short}");
        assert_eq!(shorten("all of it", "…"), "all of it");
        let one_word = "ы".repeat(SUMMARY_CHARS + 1);
        assert_eq!(shorten(&one_word, "…").chars().count(), SUMMARY_CHARS + 1);
    }

    proptest! {
        #[test]
        fn any_answer_stays_short_and_begins_as_it_was_given(text in "(\\PC{0,9}\\s){0,60}") {
            let short = shorten(&text, "…");
            prop_assert!(short.chars().count() <= SUMMARY_CHARS + 1);
            prop_assert!(text.starts_with(short.trim_end_matches('…')));
        }
    }
}
