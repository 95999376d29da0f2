//! The question of a step with its buttons, and the data the buttons carry.
//!
//! A button's data is `s:PROMPT:STEP:VALUE`. The prompt is the number of the question, written in base 36;
//! it is what tells the buttons of this question from those of an earlier one.

use bot_folder::{FlowStep, Localized, StepInput};

use crate::domain::turn::Turn;
use crate::domain::{Button, Source, Stage};

/// Two labels of at most this many characters fit beside each other on a telephone.
const SHORT_LABEL: usize = 18;

/// Values with a meaning of their own, which no option may have.
pub(super) const SKIP: &str = "skip";
pub(super) const CANCEL: &str = "cancel";
pub(super) const TELEGRAM: &str = "telegram";
// No option's value begins with a plus.
pub(super) const BACK: &str = "+back";
pub(super) const KEEP: &str = "+keep";
pub(super) const SEND: &str = "+send";
pub(super) const CHANGE: &str = "+change";
pub(super) const EDIT: &str = "+edit";
pub(super) const DONE: &str = "done";

/// A pressed button of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pressed<'d> {
    pub(super) prompt: u32,
    pub(super) step: &'d str,
    pub(super) value: &'d str,
}

/// Reads a button's data; `None` where it is not a question's.
pub(super) fn pressed(data: &str) -> Option<Pressed<'_>> {
    let mut parts = data.strip_prefix("s:")?.splitn(3, ':');
    let prompt = u32::from_str_radix(parts.next()?, 36).ok()?;
    Some(Pressed { prompt, step: parts.next()?, value: parts.next()? })
}

pub(super) fn data(prompt: u32, step: &str, value: &str) -> String {
    let mut digits = Vec::new();
    let mut rest = prompt;
    loop {
        digits.extend(char::from_digit(rest % 36, 36));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    let prompt: String = digits.iter().rev().collect();
    format!("s:{prompt}:{step}:{value}")
}

impl Turn<'_> {
    /// Asks the waiting question, with something said before it; or shows the answers, where they are to be confirmed.
    pub(in crate::domain) fn ask(&mut self, before: Option<&str>, source: Source) {
        let Some((flow, index, step)) = self.current() else { return };
        let stage = self.state.flow.as_ref().map_or(Stage::Question, |run| run.stage);
        if stage != Stage::Question {
            return self.ask_stage(flow, stage, before, source);
        }
        let (number, total) = ((index + 1).to_string(), flow.steps.len().to_string());
        let mut text = self.fill(step.ask.get(self.lang), &[("step", &number), ("total", &total)]);
        if let Some(before) = before {
            text = format!("{before}\n\n{text}");
        }
        if let Some(old) = self.old_answer(step) {
            text = format!("{text}\n\n{old}");
        }
        let rows = self.question_rows(step);
        self.send(text, rows, source);
    }

    /// What was answered to the waiting question before the person came back to it.
    fn old_answer(&self, step: &FlowStep) -> Option<String> {
        let given = self.state.flow.as_ref()?.answer(&step.id)?;
        let shown = self.shown(step, given);
        Some(self.fill(self.folder.bot.texts.old_answer.text.get(self.lang), &[("answer", &shown)]))
    }

    /// Says something and, where a flow waits for an answer, asks its question below.
    pub(in crate::domain) fn with_question(&mut self, text: String, source: Source) {
        if self.current().is_some() {
            self.ask(Some(&text), source);
        } else {
            self.send(text, Vec::new(), source);
        }
    }

    pub(in crate::domain) fn question_rows(&self, step: &FlowStep) -> Vec<Vec<Button>> {
        let prompt = self.state.flow.as_ref().map_or(0, |run| run.prompt);
        let button = |label: &Localized, value: &str| {
            Button::callback(label.get(self.lang), &data(prompt, &step.id, value))
        };
        let labels = &self.folder.bot.labels;
        let mut rows = match &step.input {
            StepInput::Choice(choice) => {
                fold(choice.options.iter().map(|option| button(&option.label, &option.value)).collect())
            }
            StepInput::Money(money) => {
                fold(money.suggestions.iter().map(|option| button(&option.label, &option.value)).collect())
            }
            StepInput::Contact(contact) if contact.telegram => {
                vec![vec![button(&labels.use_telegram, TELEGRAM)]]
            }
            StepInput::Files(_) if !self.state.files.is_empty() => {
                vec![vec![button(&labels.files_done, DONE)]]
            }
            StepInput::Contact(_)
            | StepInput::Text(_)
            | StepInput::EmailOrPhone(_)
            | StepInput::Question(_)
            | StepInput::Files(_)
            | StepInput::Menu(_) => Vec::new(),
        };
        rows.splice(0..0, self.told_rows(step, prompt));
        let answered = self.state.flow.as_ref().is_some_and(|run| run.answer(&step.id).is_some());
        if answered {
            rows.push(vec![button(&labels.keep, KEEP)]);
        }
        let mut last = Vec::with_capacity(3);
        if self.question_before().is_some() {
            last.push(button(&labels.back, BACK));
        }
        if step.skip {
            last.push(button(&labels.skip, SKIP));
        }
        // Three labels are too long for a row.
        if last.len() == 2 {
            rows.push(std::mem::take(&mut last));
        }
        last.push(button(&labels.cancel, CANCEL));
        rows.push(last);
        rows
    }
}

/// Two short labels a row, long ones by themselves.
fn fold(buttons: Vec<Button>) -> Vec<Vec<Button>> {
    let is_short = |button: &Button| button.label.chars().count() <= SHORT_LABEL;
    let mut rows: Vec<Vec<Button>> = Vec::new();
    for button in buttons {
        match rows.last_mut() {
            Some(row) if row.len() == 1 && is_short(&row[0]) && is_short(&button) => row.push(button),
            _ => rows.push(vec![button]),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_a_button_carries_is_read_back(prompt in any::<u32>(), step in "[a-z0-9_-]{1,24}", value in "[a-z0-9_-]{1,24}") {
            let data = data(prompt, &step, &value);
            prop_assert!(data.len() <= 64);
            prop_assert_eq!(pressed(&data), Some(Pressed { prompt, step: &step, value: &value }));
        }

        #[test]
        fn any_data_is_survived(data in "\\PC{0,80}|s:[a-z:0-9]{0,40}") {
            let _ = pressed(&data);
        }
    }
}
